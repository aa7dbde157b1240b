using CryptoAI.Analysis.Alerts;
using CryptoAI.Analysis.Indicators;
using CryptoAI.Analysis.Market;
using CryptoAI.Exchange.Market;

namespace CryptoAI.Bench.Tick;

/// <summary>
/// The limit: the same decoder, candles, roll-up, indicators and alert index as the grains use, called in one loop on one thread with no
/// message between them.
/// </summary>
internal sealed class PlainLoop
{
    private const long Minute = 60_000;

    private readonly FrameDecoder _decoder;
    private readonly State[] _states;
    private readonly List<AlertLevel> _fired = [];
    private readonly List<RolledBar> _rolled = [];

    public PlainLoop(TickFrames frames, Func<int, IEnumerable<AlertLevel>> alertsOf)
    {
        _decoder = new FrameDecoder(frames.Infos);
        _states = [.. Enumerable.Range(0, TickFrames.Symbols).Select(_ => new State())];
        for (var i = 0; i < _states.Length; i++)
        {
            foreach (var alert in alertsOf(i))
            {
                _states[i].Alerts.Add(alert);
            }
        }
    }

    public long Fired { get; private set; }

    public long Trades { get; private set; }

    public void Run(FrameTape tape, int[] ends)
    {
        var bytes = tape.Bytes.Span;
        var start = 0;
        foreach (var end in ends)
        {
            var kind = _decoder.Decode(bytes[start..end], out var frame);
            start = end;
            if (kind != FrameKind.Trade)
            {
                continue;
            }

            var state = _states[frame.SymbolIndex];
            ref readonly var trade = ref frame;
            if (trade.Trade.Time >= state.MinuteEnd)
            {
                state.Close(trade.Trade.Time, _rolled);
            }

            state.Builder.Add(trade.Trade.Price, trade.Trade.Quantity, trade.Trade.Count);
            Trades++;
            if (state.Alerts.Cross(trade.Trade.Price, _fired) > 0)
            {
                Fired += _fired.Count;
                _fired.Clear();
            }
        }
    }

    private sealed class State
    {
        public BarBuilder Builder;
        public long MinuteEnd;

        private readonly RollUp _rollUp = new(5, 15, 60, 240, 1440);
        private readonly IndicatorSet[] _indicators = [new(), new(), new(), new(), new(), new()];
        private decimal _close = TickFrames.StartPrice / 100m;

        public AlertIndex Alerts { get; } = new();

        public void Close(long time, List<RolledBar> rolled)
        {
            if (MinuteEnd > 0)
            {
                var bar = Builder.ToBar(MinuteEnd - Minute, TickFrames.PriceScale, TickFrames.QuantityScale, _close);
                _close = bar.Close;
                Add(0, bar);
                rolled.Clear();
                _rollUp.Add(bar, rolled);
                foreach (var long_ in rolled)
                {
                    Add(long_.Index + 1, long_.Bar);
                }
            }

            Builder = default;
            MinuteEnd = (time / Minute * Minute) + Minute;
        }

        private void Add(int timeframe, in Bar bar) => _indicators[timeframe].Add(
            bar.OpenTime, (double)bar.Open, (double)bar.High, (double)bar.Low, (double)bar.Close, (double)bar.Volume);
    }
}
