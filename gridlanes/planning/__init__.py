"""Which fits share which program, and in which runs: decided before anything is trained.

A *lane* is one fit inside a program, a *program* one traced training function with all the lanes
that run through it, and a *run* the lanes that step through it together.
"""
