// Most of a test's time is the market's, not the machine's: more of them at once than there are cores.
[assembly: CollectionBehavior(MaxParallelThreads = 4)]
