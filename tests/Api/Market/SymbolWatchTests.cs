using CryptoAI.Api.Market;
using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Grains.Interfaces.Timing;
using CryptoAI.Tests.Shared;

namespace CryptoAI.Tests.Api.Market;

/// <summary>What the relay passes on of what it hears and reads about a symbol.</summary>
public sealed class SymbolWatchTests : IDisposable
{
    private readonly SymbolWatch _watch = new("BTC");
    private readonly MarketBroadcast _broadcast = HubClientProbe.CreateBroadcast(new ManualClock());
    private readonly HubClientProbe _far = new();

    public SymbolWatchTests()
    {
        var client = _broadcast.Connect("client", _far.WriteAsync, _far.Abort);
        _broadcast.Subscribe(client, ["BTC"], [.. Timeframes.All]);
    }

    public void Dispose() => _broadcast.Dispose();

    [Fact]
    public void The_last_closed_minute_tells_the_last_candle_of_every_timeframe()
    {
        // 12:29 has closed: the last whole candles began at 12:29, 12:25, 12:15, 11:00, 08:00 and yesterday.
        _watch.StartAfter(Some.Noon.AddMinutes(29));
        _watch.Sequences.Select(sequence => sequence.Missing).ShouldBe(
        [
            Some.Noon.AddMinutes(30), Some.Noon.AddMinutes(30), Some.Noon.AddMinutes(30), Some.Noon, Some.Noon, Some.Noon.AddHours(-12),
        ]);
    }

    [Fact]
    public void A_gap_in_the_numbering_is_read_where_candles_could_have_closed()
    {
        _watch.StartAfter(Some.Noon.AddMinutes(29));
        _watch.NeedsRead(Some.Noon.AddMinutes(31)).ShouldBeFalse();
        _watch.HasGap = true;
        _watch.NeedsRead(Some.Noon.AddMinutes(31)).ShouldBeTrue();
        _watch.Missing(Some.Noon.AddMinutes(31)).ShouldBe([(Timeframe.M1, Some.Noon.AddMinutes(30))]);
        _watch.Missing(Some.Noon.AddMinutes(35)).Select(missing => missing.Timeframe).ShouldBe([Timeframe.M1, Timeframe.M5]);
    }

    [Fact]
    public void What_was_missed_reaches_the_client_once_before_what_came_after()
    {
        _watch.StartAfter(Some.Noon.AddMinutes(-1));
        Accept(Some.Candle(0));
        Accept(Some.Candle(3));
        _watch.Accept([Some.Candle(1), Some.Candle(2), Some.Candle(3)], wereRead: true, Some.Noon, _broadcast).ShouldBe(3);
        Accept(Some.Candle(3), Some.Candle(4));
        Minutes().ShouldBe([0, 1, 2, 3, 4]);
    }

    [Fact]
    public void Many_missed_candles_come_in_several_messages()
    {
        _watch.StartAfter(Some.Noon.AddMinutes(-1));
        _watch.Accept([.. Enumerable.Range(0, 1500).Select(minute => Some.Candle(minute))], wereRead: true, Some.Noon, _broadcast).ShouldBe(1500);
        _far.Received.Count.ShouldBe(15);
        Minutes().ShouldBe(Enumerable.Range(0, 1500).Select(minute => minute % 60));
    }

    [Fact]
    public void A_signal_is_news_once_for_each_status()
    {
        _watch.IsNews(Some.Signal(1)).ShouldBeTrue();
        _watch.IsNews(Some.Signal(1)).ShouldBeFalse();
        _watch.IsNews(Some.Signal(1, SignalStatus.Executed)).ShouldBeTrue();
        _watch.IsNews(Some.Signal(1, SignalStatus.Executed)).ShouldBeFalse();
    }

    [Fact]
    public void Signals_that_were_missed_are_found_by_comparing()
    {
        var (news, ended) = Compare(Some.Signal(1), Some.Signal(2));
        (news.Count, ended.Count).ShouldBe((0, 0), "what is active at the first look is no news");
        (news, ended) = Compare(Some.Signal(2), Some.Signal(3));
        news.ShouldHaveSingleItem().Id.ShouldBe(3);
        ended.ShouldBe([1]);
        _watch.IsNews(Some.Signal(1, SignalStatus.Expired)).ShouldBeTrue();
        (news, ended) = Compare(Some.Signal(2), Some.Signal(3));
        (news.Count, ended.Count).ShouldBe((0, 0));
    }

    [Fact]
    public void A_signal_heard_to_end_is_not_revived_by_an_older_look()
    {
        Compare(Some.Signal(1));
        _watch.IsNews(Some.Signal(1, SignalStatus.Executed));
        var (news, ended) = Compare(Some.Signal(1));
        (news.Count, ended.Count).ShouldBe((0, 0));
    }

    [Fact]
    public void Remembered_signals_are_bounded_and_active_ones_stay()
    {
        Compare(Some.Signal(1));
        for (var id = 2; id < 2000; id++)
        {
            _watch.IsNews(Some.Signal(id, SignalStatus.Expired));
        }

        _watch.IsNews(Some.Signal(1)).ShouldBeFalse();
        _watch.IsNews(Some.Signal(1999, SignalStatus.Expired)).ShouldBeFalse();
        _watch.IsNews(Some.Signal(2, SignalStatus.Expired)).ShouldBeTrue("it was forgotten long ago");
    }

    private void Accept(params Candle[] candles) => _watch.Accept(candles, wereRead: false, Some.Noon, _broadcast);

    private (List<Signal> News, List<long> Ended) Compare(params Signal[] active)
    {
        var (news, ended) = (new List<Signal>(), new List<long>());
        _watch.Compare(active, news, ended);
        return (news, ended);
    }

    private List<int> Minutes() =>
        [.. _far.Of("candle").SelectMany(message => message.EnumerateArray()).Select(candle => candle.GetProperty("openTime").GetDateTimeOffset().Minute)];
}
