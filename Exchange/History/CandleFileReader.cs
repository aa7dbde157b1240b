using System.IO.Compression;
using CryptoAI.Grains.Interfaces.Market;

namespace CryptoAI.Exchange.History;

/// <summary>A row that was passed over: it can be read, but is no candle of this series.</summary>
public readonly record struct RefusedRow(long Line, string Reason);

/// <summary>
/// Reads candles from a file: .csv, .csv.gz, or a .zip with one .csv in it, with a header that names the columns or in the twelve columns of
/// Binance's public archive. A line that cannot be read ends the reading with its number; a row that can be read but is no candle (its high is not its
/// highest price, it does not begin on a boundary of the timeframe, it is not over yet) is passed over and counted. Not thread-safe.
/// </summary>
public sealed class CandleFileReader : IDisposable
{
    /// <summary>Refused rows that are kept to be shown.</summary>
    public const int MaxRefusedShown = 5;

    private const int MaxLine = 64 * 1024;
    private const decimal PriceLimit = 1e12m;
    private const decimal VolumeLimit = 1e22m;

    // A price above zero that the column rounds to zero is none.
    private const decimal LeastPrice = 0.000000005m;

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    private readonly FileStream _file;
    private readonly ZipArchive? _archive;
    private readonly uint? _stated;
    private readonly Stream _text;
    private readonly long _length;
    private readonly long _now;
    private readonly List<RefusedRow> _refused = [];
    private byte[] _buffer = new byte[256 * 1024];
    private int _start;
    private int _end;
    private bool _isOver;
    private Crc32 _checksum;
    private CandleLayout? _layout;

    /// <param name="path">The file.</param>
    /// <param name="timeframe">Of its candles.</param>
    /// <param name="now">Candles that are not over by then are refused.</param>
    /// <exception cref="CandleFileException">Its name ends in something else, or it is no archive with one .csv.</exception>
    public CandleFileReader(string path, Timeframe timeframe, DateTimeOffset now)
    {
        (Timeframe, _now, _length) = (timeframe, now.ToUnixTimeMilliseconds(), timeframe.Milliseconds());
        _file = File.OpenRead(path);
        try
        {
            (_text, _archive, _stated) = Open(_file, path);
        }
        catch (Exception exception)
        {
            _file.Dispose();
            throw exception is InvalidDataException ? new CandleFileException(exception.Message) : exception;
        }
    }

    public Timeframe Timeframe { get; }

    /// <summary>Lines read so far, the header included.</summary>
    public long Line { get; private set; }

    /// <summary>Rows passed over.</summary>
    public long RefusedCount { get; private set; }

    /// <summary>The first of them.</summary>
    public IReadOnlyList<RefusedRow> Refused => _refused;

    /// <summary>How much of the file has been read, 0 to 1. May be read while another thread reads the file.</summary>
    public double Progress => _file.Length == 0 ? 1 : (double)Volatile.Read(ref _position) / _file.Length;

    private long _position;

    /// <summary>Whether a path's ending is one of those that are read.</summary>
    public static bool CanRead(string path) =>
        path.EndsWith(".csv", StringComparison.OrdinalIgnoreCase) || path.EndsWith(".csv.gz", StringComparison.OrdinalIgnoreCase)
        || path.EndsWith(".zip", StringComparison.OrdinalIgnoreCase);

    /// <summary>The next candles in the file's order, at most so many; none at its end.</summary>
    /// <exception cref="CandleFileException">A line that cannot be read, or a broken file; the message names the line.</exception>
    public HistoricCandle[] Read(int most)
    {
        var candles = new List<HistoricCandle>(most);
        while (candles.Count < most && TryReadLine(out var line))
        {
            if (line.IsEmpty)
            {
                continue;
            }

            if (_layout is null)
            {
                (_layout, var isHeader) = CandleLayout.Read(line);
                if (isHeader)
                {
                    continue;
                }
            }

            if (TryRead(line, _layout, out var candle))
            {
                candles.Add(candle);
            }
        }

        if (candles.Count < most && _layout is null)
        {
            throw new CandleFileException("The file is empty.");
        }

        return [.. candles];
    }

    public void Dispose()
    {
        _text.Dispose();
        _archive?.Dispose();
        _file.Dispose();
    }

    private static (Stream Text, ZipArchive? Archive, uint? Checksum) Open(FileStream file, string path)
    {
        if (path.EndsWith(".zip", StringComparison.OrdinalIgnoreCase))
        {
            var archive = new ZipArchive(file, ZipArchiveMode.Read, leaveOpen: true);
            try
            {
                return archive.Entries.Where(static entry => entry.Name.EndsWith(".csv", StringComparison.OrdinalIgnoreCase)).ToArray() switch
                {
                    [{ IsEncrypted: true }] => throw new CandleFileException("The archive is encrypted."),
                    [var only] => (only.Open(), archive, only.Crc32),
                    _ => throw new CandleFileException("The archive does not hold exactly one .csv file."),
                };
            }
            catch (Exception)
            {
                archive.Dispose();
                throw;
            }
        }

        return path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? (new GZipStream(file, CompressionMode.Decompress), null, null)
            : path.EndsWith(".csv", StringComparison.OrdinalIgnoreCase) ? (file, null, null)
            : throw new CandleFileException("Only .csv, .csv.gz and .zip can be read.");
    }

    private bool TryRead(ReadOnlySpan<byte> line, CandleLayout layout, out HistoricCandle candle)
    {
        Span<Range> fields = stackalloc Range[64];
        var count = line.Count((byte)',') + 1;
        if (count != layout.Columns || count > fields.Length)
        {
            throw new CandleFileException($"Line {Line}: {count} columns instead of {layout.Columns}.");
        }

        var at = 0;
        for (var i = 0; i < count; i++)
        {
            var length = line[at..].IndexOf((byte)',');
            fields[i] = at..(length < 0 ? line.Length : at + length);
            at += length + 1;
        }

        try
        {
            candle = new HistoricCandle(
                CandleFields.Time(line[fields[layout.Time]]),
                CandleFields.Number(line[fields[layout.Open]], "open"),
                CandleFields.Number(line[fields[layout.High]], "high"),
                CandleFields.Number(line[fields[layout.Low]], "low"),
                CandleFields.Number(line[fields[layout.Close]], "close"),
                CandleFields.Number(line[fields[layout.BaseVolume]], "volume"),
                layout.QuoteVolume < 0 || line[fields[layout.QuoteVolume]].IsEmpty ? null : CandleFields.Number(line[fields[layout.QuoteVolume]], "quote volume"),
                layout.Trades < 0 || line[fields[layout.Trades]].IsEmpty ? null : CandleFields.Count(line[fields[layout.Trades]], "trades"));
        }
        catch (FormatException exception)
        {
            throw new CandleFileException($"Line {Line}: {exception.Message}");
        }

        if (Reason(candle) is not { } reason)
        {
            return true;
        }

        RefusedCount++;
        if (_refused.Count < MaxRefusedShown)
        {
            _refused.Add(new RefusedRow(Line, reason));
        }

        return false;
    }

    /// <summary>Why a row is no candle; null when it is one.</summary>
    private string? Reason(in HistoricCandle candle) =>
        candle.OpenTime % _length != 0 ? $"it does not begin on a boundary of {Timeframe.Code()}"
        : candle.OpenTime < 0 ? "it begins before 1970"
        : candle.OpenTime + _length > _now ? "it is not over yet"
        : candle.Low < LeastPrice || candle.Open < LeastPrice || candle.Close < LeastPrice ? "a price is zero or less"
        : candle.High >= PriceLimit ? "a price is too large"
        : candle.High < candle.Open || candle.High < candle.Close || candle.High < candle.Low ? "high is not its highest price"
        : candle.Low > candle.Open || candle.Low > candle.Close ? "low is not its lowest price"
        : candle.BaseVolume < 0 || candle.QuoteVolume < 0 ? "a volume is negative"
        : candle.BaseVolume >= VolumeLimit || candle.QuoteVolume >= VolumeLimit || (double)candle.BaseVolume * (double)candle.High > 1e27 ? "a volume is too large"
        : null;

    /// <summary>The next line without its break.</summary>
    private bool TryReadLine(out ReadOnlySpan<byte> line)
    {
        while (true)
        {
            var length = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            if (length >= 0 || (_isOver && _end > _start))
            {
                line = _buffer.AsSpan(_start, length >= 0 ? length : _end - _start);
                _start = length >= 0 ? _start + length + 1 : _end;
                line = line is [.., (byte)'\r'] ? line[..^1] : line;
                line = Line == 0 && line.StartsWith(ByteOrderMark) ? line[ByteOrderMark.Length..] : line;
                Line++;
                return true;
            }

            if (_isOver)
            {
                line = default;
                return false;
            }

            if (_end - _start > MaxLine)
            {
                throw new CandleFileException($"Line {Line + 1} is longer than {MaxLine} bytes.");
            }

            Fill();
        }
    }

    private void Fill()
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        try
        {
            var read = _text.Read(_buffer, _end, _buffer.Length - _end);
            _isOver = read == 0;
            if (_stated is { } stated)
            {
                _checksum.Append(_buffer.AsSpan(_end, read));
                if (_isOver && _checksum.Value != stated)
                {
                    throw new InvalidDataException("The archive is damaged: what it holds has not the checksum that it states.");
                }
            }

            _end += read;
            Volatile.Write(ref _position, _file.Position);
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException)
        {
            throw new CandleFileException($"After line {Line}: {exception.Message}");
        }
    }
}
