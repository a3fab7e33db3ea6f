package weir.service;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

final class RetryBudgetTest {
    private final RetryBudget budget = new RetryBudget(4);

    @Test
    void allowsThreeRetriesPerSecondWithoutRequests() {
        assertEquals(30, retries(20, 1000));
    }

    @Test
    void allowsAShareOfTheRequestsOfAllLoops() {
        for (int loop = 0; loop < 4; loop++) {
            count(loop, 250);
        }
        assertEquals(200, retries(20, 1000));
    }

    @Test
    void allowsOnlyTheFloorAtZeroPercent() {
        count(0, 100_000);
        assertEquals(30, retries(0, 1000));
    }

    @Test
    void forgetsRequestsAndRetriesAfterTenSeconds() {
        count(0, 1000);
        assertEquals(200, retries(20, 1000));
        seconds(9);
        assertEquals(0, retries(20, 1000));
        seconds(2);
        assertEquals(30, retries(20, 1000));
    }

    @Test
    void neverLetsThroughMoreThanTheShareOverTheWindow() {
        int allowed = 0;
        for (int second = 0; second < 60; second++) {
            count(second % 4, 500);
            allowed += retries(20, 500);
            seconds(1);
        }
        // 60 seconds of 500 requests; the first window may use its floor before the requests have come.
        assertEquals(60 * 100, allowed, 100);
    }

    @Test
    void letsConcurrentRetriesNotPassTheLimit() throws Exception {
        count(0, 10_000);
        Callable<Integer> work = () -> retries(20, 5000);
        ExecutorService executor = Executors.newFixedThreadPool(4);
        int allowed = 0;
        try {
            for (Future<Integer> done : executor.invokeAll(List.of(work, work, work, work))) {
                allowed += done.get();
            }
        } finally {
            executor.shutdown();
        }
        assertEquals(2000, allowed);
    }

    private void count(int loop, int requests) {
        for (int i = 0; i < requests; i++) {
            budget.countRequest(loop);
        }
    }

    private int retries(int percent, int wanted) {
        int allowed = 0;
        for (int i = 0; i < wanted; i++) {
            allowed += budget.mayRetry(percent) ? 1 : 0;
        }
        return allowed;
    }

    private void seconds(int n) {
        for (int i = 0; i < n; i++) {
            budget.tick();
        }
    }
}
