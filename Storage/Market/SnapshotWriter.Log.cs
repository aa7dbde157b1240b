using Microsoft.Extensions.Logging;

namespace CryptoAI.Storage.Market;

public sealed partial class SnapshotWriter
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Attempt {Attempt} to write candles failed; {Buffered} wait. Trying again.")]
    private partial void LogRetry(Exception error, int attempt, int buffered);

    [LoggerMessage(Level = LogLevel.Information, Message = "Candles are written again after {Age}; the batch had {Rows}.")]
    private partial void LogRecovered(TimeSpan age, int rows);

    [LoggerMessage(Level = LogLevel.Error, Message = "The database refuses the {Timeframe} candle of {Symbol} ({CryptoId}) at {OpenTime}.")]
    private partial void LogRejected(Exception error, long cryptoId, string symbol, string timeframe, DateTimeOffset openTime);

    [LoggerMessage(Level = LogLevel.Error, Message = "Stopping without having written {Waiting} closed candles; they will be backfilled.")]
    private partial void LogAbandoned(int waiting);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Live figures could not be written; they go with the next flush.")]
    private partial void LogQuotesFailed(Exception error);
}
