"""How fast Fairlead is, beside something that does the same job wherever our locked dependencies hold such a thing.

    make bench                          all of them, as the tables of docs/benchmarks.md
    python -m benchmarks due ledger     only these

A peer runs in the same process, alternating with ours, so that a busy machine slows both. Absolute figures are those of
the machine that the first lines name.
"""
