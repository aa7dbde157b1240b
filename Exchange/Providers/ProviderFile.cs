using System.IO.Compression;

namespace CryptoAI.Exchange.Providers;

/// <summary>Files that hold what providers state, packed (.gz) or not.</summary>
public static class ProviderFile
{
    /// <summary>Reads a file as it is unpacked.</summary>
    /// <param name="path">The file.</param>
    /// <param name="read">What makes something of its text; the stream is closed after it.</param>
    /// <exception cref="ProviderException">It cannot be read, or what reads it refuses it; the message begins with the file's name.</exception>
    public static async Task<T> ReadAsync<T>(string path, Func<Stream, Task<T>> read)
    {
        try
        {
            await using var file = File.OpenRead(path);
            await using Stream text = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(file, CompressionMode.Decompress) : file;
            return await read(text);
        }
        catch (Exception exception) when (exception is ProviderException or IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new ProviderException($"{Path.GetFileName(path)}: {exception.Message}", exception);
        }
    }
}
