// Much of a test's time is spent waiting: for the market, for mail, for a refusal that takes its time.
[assembly: CollectionBehavior(MaxParallelThreads = 3)]
