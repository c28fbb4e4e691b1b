"""The figures of ``evidence`` in sentences; nothing here computes one."""
