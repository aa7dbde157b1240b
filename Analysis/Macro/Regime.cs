namespace CryptoAI.Analysis.Macro;

/// <summary>State of the market, in the order of its trend. The values are the places of the states in an ordered model.</summary>
public enum Regime : byte
{
    Bear,
    Sideways,
    Bull,
}

/// <summary>Probabilities of the three regimes; they sum to 1.</summary>
public readonly record struct RegimeProbabilities(double Bear, double Sideways, double Bull)
{
    public double this[Regime regime] => regime switch
    {
        Regime.Bear => Bear,
        Regime.Sideways => Sideways,
        _ => Bull,
    };

    /// <summary>The likeliest; of equal ones the earlier.</summary>
    public Regime Likeliest => Bear >= Sideways && Bear >= Bull ? Regime.Bear : Sideways >= Bull ? Regime.Sideways : Regime.Bull;
}
