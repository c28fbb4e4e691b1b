"""Tasks of a call that run one after the other, those that wait for something among them."""

import threading

import joblib
import pytest

from gridlanes.compat.joblib_in_turn import in_turn


class Waiting(BaseException):
    pass


@pytest.mark.parametrize("n_jobs", [None, 1, 2, -1])
def test_all_tasks_run_in_this_thread_whatever_one_waits_for(n_jobs):
    ran = []

    def task(number, inner=0):
        ran.append((number, inner, threading.current_thread()))
        if number in (1, 3):
            raise Waiting(number)
        if inner == 0:
            parallel = joblib.Parallel(2)
            return parallel(joblib.delayed(task)(number, depth) for depth in (1, 2))
        return number, inner

    calls = [joblib.delayed(task)(number) for number in range(5)]
    here = threading.current_thread()
    with in_turn(Waiting), joblib.Parallel(n_jobs) as kept:
        assert joblib.effective_n_jobs(n_jobs) == 1
        assert joblib.Parallel(n_jobs)(calls[::2]) == [[(n, 1), (n, 2)] for n in (0, 2, 4)]
        for parallel in (kept, joblib.Parallel(n_jobs, prefer="threads", require="sharedmem")):
            ran.clear()
            with pytest.raises(Waiting, match="1"):
                parallel(calls)
            assert [number for number, inner, _ in ran if inner == 0] == [0, 1, 2, 3, 4]
            assert all(thread is here for _, _, thread in ran)
        with pytest.raises(ZeroDivisionError):
            joblib.Parallel(n_jobs)([joblib.delayed(divmod)(1, 0)])
