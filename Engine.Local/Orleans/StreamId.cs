using System.Diagnostics.CodeAnalysis;

namespace Orleans.Runtime;

/// <summary>A stream within its provider: namespace and key.</summary>
public readonly struct StreamId : IEquatable<StreamId>, IComparable<StreamId>
{
    private readonly IdSpan _namespace;
    private readonly IdSpan _key;

    private StreamId(IdSpan ns, IdSpan key)
    {
        _namespace = ns;
        _key = key;
    }

    public static StreamId Create(string? ns, string key) => new(IdSpan.Create(ns ?? ""), IdSpan.Create(key));

    public static StreamId Create(string? ns, long key) => Create(ns, key.ToString(System.Globalization.CultureInfo.InvariantCulture));

    public static StreamId Create(string? ns, Guid key) => Create(ns, key.ToString("N"));

    public string GetKeyAsString() => _key.Text;

    public string? GetNamespace() => _namespace.IsDefault ? null : _namespace.Text;

    public int CompareTo(StreamId other)
    {
        var byNamespace = _namespace.CompareTo(other._namespace);
        return byNamespace != 0 ? byNamespace : _key.CompareTo(other._key);
    }

    public bool Equals(StreamId other) => _key.Equals(other._key) && _namespace.Equals(other._namespace);

    public override bool Equals([NotNullWhen(true)] object? obj) => obj is StreamId other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(_namespace, _key);

    public override string ToString() => $"{_namespace}/{_key}";

    public static bool operator ==(StreamId s1, StreamId s2) => s1.Equals(s2);

    public static bool operator !=(StreamId s1, StreamId s2) => !s1.Equals(s2);
}
