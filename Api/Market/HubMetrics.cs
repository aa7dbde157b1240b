using System.Diagnostics.Metrics;

namespace CryptoAI.Api.Market;

/// <summary>What the hub and the relay count. Meter <c>CryptoAI.Api</c>.</summary>
internal sealed class HubMetrics
{
    private readonly UpDownCounter<long> _clients;
    private readonly Counter<long> _messages;
    private readonly Counter<long> _cut;
    private readonly Counter<long> _gaps;
    private readonly Counter<long> _caughtUp;
    private readonly Counter<long> _failures;

    public HubMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("CryptoAI.Api");
        _clients = meter.CreateUpDownCounter<long>("hub.clients", null, "Hub connections open now");
        _messages = meter.CreateCounter<long>("hub.messages", null, "Messages sent to hub clients");
        _cut = meter.CreateCounter<long>("hub.clients.cut", null, "Hub clients cut off because they read too slowly");
        _gaps = meter.CreateCounter<long>("relay.gaps", null, "Holes or stalls found in what grains push to this node");
        _caughtUp = meter.CreateCounter<long>("relay.candles.read", null, "Closed candles read again after a hole and passed on");
        _failures = meter.CreateCounter<long>("relay.failures", null, "Calls of the relay to grains or the database that failed");
    }

    public void Connected(int change) => _clients.Add(change);

    public void Sent() => _messages.Add(1);

    public void CutOff(string reason) => _cut.Add(1, new KeyValuePair<string, object?>("reason", reason));

    public void Gap(string channel) => _gaps.Add(1, new KeyValuePair<string, object?>("channel", channel));

    public void CaughtUp(int candles) => _caughtUp.Add(candles);

    public void Failed(string call) => _failures.Add(1, new KeyValuePair<string, object?>("call", call));
}
