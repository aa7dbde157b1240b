namespace CryptoAI.Exchange.Market;

/// <summary>What a frame turned out to be.</summary>
public enum FrameKind : byte
{
    /// <summary>Not JSON, a missing or impossible field, a number out of range.</summary>
    Malformed,

    /// <summary>Well-formed and of no interest: unknown event, unknown symbol, an open kline, a subscription's answer.</summary>
    Ignored,

    /// <summary>An aggregate trade.</summary>
    Trade,

    /// <summary>A 1m kline that the exchange declared closed.</summary>
    ClosedKline,

    /// <summary>
    /// The frame's numbers are finer than the symbol's scale, which the decoder has now raised: publish what is pending at the
    /// old scale, then decode the frame again.
    /// </summary>
    ScaleRaised,

    /// <summary>The exchange announces that it closes this connection soon.</summary>
    ServerShutdown,
}
