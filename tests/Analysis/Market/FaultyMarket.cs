using CryptoAI.Analysis.Market;

namespace CryptoAI.Tests.Analysis.Market;

/// <summary>A small random market whose stream loses, repeats and delays, and whose history is right.</summary>
internal sealed class FaultyMarket
{
    private const long Minute = 60_000;
    private const long Start = 1_700_000_040_000 / Minute * Minute;
    private readonly Random _random;

    public FaultyMarket(int seed, int minutes, double quietShare)
    {
        _random = new Random(seed);
        long id = _random.Next(0, 1_000);
        long price = 10_000;
        decimal close = 100m;
        for (var i = 0; i < minutes; i++)
        {
            var open = Start + (i * Minute);
            var mine = new List<MarketTrade>();
            var count = _random.NextDouble() < quietShare ? 0 : _random.Next(1, 40);
            for (var n = 0; n < count; n++)
            {
                price = Math.Max(1, price + _random.Next(-20, 21));
                mine.Add(new MarketTrade(id++, open + (n * Minute / count) + _random.Next(0, (int)(Minute / count)), price, _random.Next(1, 5_000), _random.Next(1, 4)));
            }

            Trades.AddRange(mine);
            Truth.Add(mine.Count == 0 ? Bar.Quiet(open, close) : Aggregate(open, mine));
            close = Truth[^1].Close;
        }
    }

    public List<MarketTrade> Trades { get; } = [];

    public List<Bar> Truth { get; } = [];

    public MinuteAssembler NewAssembler(bool knowsHead)
    {
        var assembler = new MinuteAssembler(Start, 2, 3, new AssemblerLimits(MaxPending: 200, MaxTradeRepair: 60));
        assembler.SetPreviousClose(100m);
        if (knowsHead)
        {
            assembler.ContinueAt(Trades[0].Id);
        }

        return assembler;
    }

    public void Send(MinuteAssembler assembler, MarketTrade trade, long now) =>
        assembler.Add(trade.Id, trade.Time, trade.Price, trade.Quantity, trade.Count, now);

    /// <summary>Plays the market through the assembler, answering what it asks as the exchange's history would. Gives the finished minutes.</summary>
    public List<Bar> Run(double lost, double duplicated, double delayed)
    {
        var assembler = NewAssembler(knowsHead: false);
        var events = new List<(long At, Action<long> Do)>();
        foreach (var trade in Trades)
        {
            if (_random.NextDouble() >= lost)
            {
                var late = _random.NextDouble() < delayed ? _random.Next(1, 4_000) : 0;
                events.Add((trade.Time + late, now => Send(assembler, trade, now)));
            }

            if (_random.NextDouble() < duplicated)
            {
                events.Add((trade.Time + _random.Next(0, 30_000), now => Send(assembler, trade, now)));
            }
        }

        foreach (var bar in Truth)
        {
            if (_random.NextDouble() >= lost)
            {
                events.Add((bar.OpenTime + Minute + _random.Next(0, 1_500), now => assembler.Announce(bar, now)));
            }
        }

        var finished = new List<Bar>();
        var end = Start + (Truth.Count * Minute) + 20_000;
        for (var tick = Start; tick < end; tick += 500)
        {
            events.Add((tick, now => Answer(assembler, now)));
        }

        foreach (var (at, act) in events.OrderBy(item => item.At))
        {
            act(at);
            while (assembler.TryTake(out var minute))
            {
                finished.Add(minute.Bar);
            }
        }

        return [.. finished.Where(bar => bar.OpenTime < Start + (Truth.Count * Minute))];
    }

    private void Answer(MinuteAssembler assembler, long now)
    {
        if (assembler.NeedsTrades(now, out var need) && _random.NextDouble() < 0.7)
        {
            if (need.IsProof)
            {
                assembler.GiveUpHole();
            }
            else
            {
                var page = Trades
                    .Where(trade => need.FromId is { } id ? trade.Id >= id : trade.Time >= need.FromTime && trade.Time < need.BeforeTime)
                    .Take(50).ToList();
                if (page.Count == 0 || page[0].Id >= need.BeforeId)
                {
                    assembler.ContinueAt(need.BeforeId);
                }
                else
                {
                    assembler.ContinueAt(page[0].Id);
                    page.ForEach(trade => assembler.AddRepaired(trade.Id, trade.Time, trade.Price, trade.Quantity, trade.Count, now));
                }
            }
        }

        if (assembler.NeedsKlines(now, out var from, out var to) && _random.NextDouble() < 0.7)
        {
            foreach (var bar in Truth.Where(bar => bar.OpenTime >= from && bar.OpenTime < to))
            {
                assembler.Confirm(bar);
            }
        }
    }

    private static Bar Aggregate(long open, List<MarketTrade> trades) => new(
        open,
        trades[0].Price / 100m,
        trades.Max(trade => trade.Price) / 100m,
        trades.Min(trade => trade.Price) / 100m,
        trades[^1].Price / 100m,
        trades.Sum(trade => trade.Quantity) / 1_000m,
        trades.Sum(trade => trade.Price * trade.Quantity) / 100_000m,
        trades.Sum(trade => trade.Count));
}

internal sealed record MarketTrade(long Id, long Time, long Price, long Quantity, int Count);
