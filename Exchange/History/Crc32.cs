namespace CryptoAI.Exchange.History;

/// <summary>
/// The checksum that zip archives state of their entries (ISO 3309, polynomial 0x04C11DB7 reflected), which reading them does not look at.
/// </summary>
internal struct Crc32
{
    private static readonly uint[] Table = Fill();

    private uint _value;

    /// <summary>Of everything appended; 0 of nothing.</summary>
    public readonly uint Value => _value;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        var rest = ~_value;
        foreach (var value in bytes)
        {
            rest = Table[(byte)rest ^ value] ^ (rest >> 8);
        }

        _value = ~rest;
    }

    private static uint[] Fill()
    {
        var table = new uint[256];
        for (var i = 0u; i < table.Length; i++)
        {
            var rest = i;
            for (var bit = 0; bit < 8; bit++)
            {
                rest = (rest & 1) != 0 ? (rest >> 1) ^ 0xEDB88320 : rest >> 1;
            }

            table[i] = rest;
        }

        return table;
    }
}
