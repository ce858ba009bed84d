/* Items of work: each is taken once, by whoever is there. */
#include "engine/backend/cpu/queue.h"
#include "test/harness.h"

#include <string.h>

enum { MOST = 1000 };

static int taken[MOST];

/* So many threads take n items that are meant for `wanted` of them. */
static void share(int64_t n, int wanted, int threads) {
    ftl_cpu_queue q;
    memset(taken, 0, sizeof taken);
    ftl_cpu_queue_fill(&q, n, wanted);
#pragma omp parallel num_threads(threads)
    {
        int64_t i;
        for (int visited = 0; ftl_cpu_queue_take(&q, &visited, &i);)
#pragma omp atomic
            taken[i]++;
    }
}

static void each_item_is_taken_once(void) {
    const int64_t numbers[] = {0, 1, 5, 64, MOST};
    const int threads[] = {1, 2, 3, 8, 100};
    for (size_t a = 0; a < sizeof numbers / sizeof *numbers; a++)
        for (size_t b = 0; b < sizeof threads / sizeof *threads; b++)
            for (int team = 1; team <= 4; team++) {
                share(numbers[a], threads[b], team);
                for (int64_t i = 0; i < MOST; i++)
                    FTL_CHECK(taken[i] == (i < numbers[a]));
            }
}

/* A thread begins with its share, in order, and then takes from the next ones. */
static void the_own_share_comes_first(void) {
    ftl_cpu_queue q;
    int visited = 0;
    int64_t i;
    ftl_cpu_queue_fill(&q, 10, 4); /* 0 1, 2 3 4, 5 6, 7 8 9 */
    atomic_store(&q.share[1].next, 4);
    const int64_t expected[] = {0, 1, 4, 5, 6, 7, 8, 9};
    for (size_t k = 0; k < sizeof expected / sizeof *expected; k++)
        FTL_CHECK(ftl_cpu_queue_take(&q, &visited, &i) && i == expected[k]);
    FTL_CHECK(!ftl_cpu_queue_take(&q, &visited, &i));
    FTL_CHECK(!ftl_cpu_queue_take(&q, &visited, &i));
}

int main(void) {
    FTL_TEST(each_item_is_taken_once);
    FTL_TEST(the_own_share_comes_first);
    return ftl_test_finish();
}
