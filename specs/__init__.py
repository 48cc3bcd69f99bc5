"""What must be met, as dated data: release specifications and trial protocols.

Nothing here knows the application. A sheet on the shelf is published once and never edited; the
next one carries the next version number. Every number says whether it was published, and where,
or is the bank's own choice, and why.

Rooms: `criterion` (one limit, one specification), `judge` (results against a specification),
`protocol` (a trial's rules; `soundness`: whether they contradict each other), `eligibility` (its
criteria of entry) and `scores` (ACR/EULAR 2013 and the skin score), `conduct` (those rules and one
patient), `shelf` (finding a sheet by name, version or date, and its seal), `sheet`, `reading` and
`protocol_reading` (from the TOML text to those things, with the line of every mistake), `words`
(how a count and a day are said).
"""
