"""Quality control: samples, results, corrections, confirmation by a second person.

``record_result`` and ``correct_result`` of this step only write down. What a failing result does
to a lot that is already released is quality assurance's: the acts of those names are declared by
the step ``release``, which calls these and then reacts in the same transaction.
"""
