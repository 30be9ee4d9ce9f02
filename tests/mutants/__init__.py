"""Change one thing in the program at a time, and see whether a test notices: `make mutants`.

Cosmic Ray makes the mutants (`sample.py`); coverage.py is asked which tests run over the changed
lines (`covered.py`), so that a mutant costs seconds and not the whole suite; they are run in a copy
of the tree below .mutants (`trial.py`, `runner.py`). Every verdict is kept (`verdicts.py`): a run
that was cut off goes on, and a mutant that lived is tried by new tests only. What lives is printed
as a difference; what lives and means the same is listed, with the reason, in equivalent.toml and is
not counted.

    python -m tests.mutants [--seed N] [--count N] [--minutes N] [--rooms schedule,clock,...]
                            [--jobs N] [--servers]
"""
