// Much of a test's time is the market's, not the machine's: more of them at once than there are cores. Not many more: their fast clocks cost the more
// the longer they run, and other test projects run beside them.
[assembly: CollectionBehavior(MaxParallelThreads = 3)]
