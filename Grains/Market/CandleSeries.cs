using CryptoAI.Analysis.Indicators;
using CryptoAI.Analysis.Market;
using CryptoAI.Grains.Interfaces.Market;

namespace CryptoAI.Grains.Market;

/// <summary>
/// One symbol's candle series from the first live minute on: closed minutes go in, closed candles of all six timeframes
/// with their indicators and provenance come out, each series in order of time.
/// </summary>
internal sealed class CandleSeries
{
    private const long Minute = 60_000;

    private readonly string _symbol;
    private readonly IReadOnlyList<IndicatorSet> _indicators;
    private readonly RollUp _rollUp = new(5, 15, 60, 240, 1440);
    private readonly CandleProvenance[] _provenance = new CandleProvenance[Timeframes.Count];
    private readonly List<RolledBar> _rolled = [];
    private readonly List<UnclearCandle> _unclear = [];

    public CandleSeries(string symbol, SymbolHistory history, long firstMinute)
    {
        _symbol = symbol;
        _indicators = history.Indicators;
        var minutes = history.Bars(Timeframe.M1);
        foreach (var bar in minutes)
        {
            if (bar.OpenTime >= Timeframe.D1.Floor(firstMinute))
            {
                _rollUp.Add(bar, _rolled);
            }
        }

        // Long candles that ended in history are history's own.
        _rollUp.CloseUntil(firstMinute, _rolled);
        _rolled.Clear();
        LastMinute = minutes.Length > 0 ? minutes[^1].OpenTime : null;
        foreach (var timeframe in Timeframes.All)
        {
            _provenance[(int)timeframe] = timeframe.Floor(firstMinute) < firstMinute ? CandleProvenance.Backfilled : CandleProvenance.Streamed;
        }
    }

    /// <summary>Open time of the last closed minute.</summary>
    public long? LastMinute { get; private set; }

    /// <summary>Long candles that wait for the exchange's word: see <see cref="RolledBar.IsAmbiguous"/>.</summary>
    public IReadOnlyList<UnclearCandle> Unclear => _unclear;

    /// <summary>Takes the next finished minute and appends the candles that closed with it, the 1m first.</summary>
    public void Add(in FinishedMinute minute, List<Candle> closed)
    {
        _rolled.Clear();
        if (minute.IsAbsent)
        {
            _rollUp.CloseUntil(minute.Bar.OpenTime + Minute, _rolled);
        }
        else
        {
            LastMinute = minute.Bar.OpenTime;
            var provenance = minute.Origin switch
            {
                BarOrigin.Streamed => CandleProvenance.Streamed,
                BarOrigin.Backfilled => CandleProvenance.Backfilled,
                _ => CandleProvenance.Repaired,
            };
            closed.Add(Close(Timeframe.M1, minute.Bar, provenance));
            _rollUp.CloseUntil(minute.Bar.OpenTime, _rolled);
            foreach (var timeframe in Timeframes.All)
            {
                _provenance[(int)timeframe] = (CandleProvenance)Math.Max((byte)_provenance[(int)timeframe], (byte)provenance);
            }

            _rollUp.Add(minute.Bar, _rolled);
        }

        foreach (var rolled in _rolled)
        {
            var timeframe = (Timeframe)(rolled.Index + 1);
            var provenance = _provenance[(int)timeframe];
            _provenance[(int)timeframe] = CandleProvenance.Streamed;
            SettleUnclear(timeframe, closed);
            if (rolled.IsAmbiguous)
            {
                _unclear.Add(new UnclearCandle(timeframe, rolled.Bar, provenance));
            }
            else
            {
                closed.Add(Close(timeframe, rolled.Bar, provenance));
            }
        }
    }

    /// <summary>Closes an unclear candle as the exchange states it.</summary>
    public void Settle(UnclearCandle unclear, in Bar stated, List<Candle> closed)
    {
        if (_unclear.Remove(unclear))
        {
            closed.Add(Close(unclear.Timeframe, stated, unclear.Provenance));
        }
    }

    public Bar GetOpen(Timeframe timeframe, in Bar openMinute) =>
        timeframe == Timeframe.M1 ? openMinute : _rollUp.GetOpen((int)timeframe - 1, openMinute);

    /// <summary>A series is kept in order: when its next candle comes, one still unclear is closed by its trades.</summary>
    private void SettleUnclear(Timeframe timeframe, List<Candle> closed)
    {
        foreach (var unclear in _unclear.Where(unclear => unclear.Timeframe == timeframe).ToArray())
        {
            Settle(unclear, unclear.Bar, closed);
        }
    }

    private Candle Close(Timeframe timeframe, in Bar bar, CandleProvenance provenance) =>
        bar.ToCandle(_symbol, timeframe, provenance, isClosed: true, _indicators[(int)timeframe].Append(bar));
}

/// <summary>A long candle whose open, high or low depends on the exchange's convention for quiet minutes.</summary>
internal sealed record UnclearCandle(Timeframe Timeframe, Bar Bar, CandleProvenance Provenance)
{
    /// <summary>How often the exchange was asked.</summary>
    public int Asked { get; set; }
}
