"""ISBT 128 structures as format only: characters, lengths, check character.

The tables of the standard (facilities, product descriptions, collection types) are licensed and
come from the operator; nothing here says what a code means. No conformance is claimed. Every
module has the same verbs: `compact`, `validate` (the canonical form, or FormatError), `is_valid`,
`format` (for people), `parse`. What is in doubt is refused.
"""
