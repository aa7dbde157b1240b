using System.Numerics;
using CryptoAI.Analysis.Portfolios;
using CryptoAI.Analysis.Timing;

namespace CryptoAI.Tests.Analysis.Portfolios;

/// <summary>
/// What a list of actions adds up to, worked out from the beginning in whole numbers of 10^-16 USD: no decimal that could round.
/// </summary>
internal sealed class NaiveLedger
{
    private static readonly BigInteger Eighth = BigInteger.Pow(10, 8);
    private readonly PositionSide _side;
    private readonly List<LedgerAction> _actions;
    private readonly decimal _leverage;

    public NaiveLedger(PositionSide side, decimal leverage, IEnumerable<LedgerEntry> entries)
    {
        var all = entries.ToList();
        _side = side;
        _leverage = leverage;
        _actions = [.. all.Where(entry => entry.Reverses is null && all.All(other => other.Reverses != entry.Id)).Select(entry => entry.Action)];
        Run();
    }

    public BigInteger Quantity { get; private set; }

    public BigInteger Cash { get; private set; }

    public BigInteger Fees { get; private set; }

    public BigInteger Realized { get; private set; }

    public static BigInteger Whole(decimal value, int decimals)
    {
        // By way of the text, which has every digit.
        var parts = value.ToString(System.Globalization.CultureInfo.InvariantCulture).Split('.');
        var fraction = (parts.Length > 1 ? parts[1] : "").TrimEnd('0').PadRight(decimals, '0');
        fraction.Length.ShouldBe(decimals, $"{value} has more than {decimals} decimals");
        var magnitude = BigInteger.Parse(parts[0].TrimStart('-') + fraction, System.Globalization.CultureInfo.InvariantCulture);
        return value < 0 ? -magnitude : magnitude;
    }

    private void Run()
    {
        BigInteger basis = 0, margin = 0, heldFees = 0;
        foreach (var action in _actions)
        {
            if (action.Kind is LedgerKind.ModifyStop or LedgerKind.ModifyTarget)
            {
                continue;
            }

            var fee = Whole(action.Fee, 16);
            Fees += fee;
            if (action.Kind == LedgerKind.Entry)
            {
                var value = Whole(action.Price, 8) * Whole(action.Quantity, 8);
                var own = _leverage == 1 ? value : Rounded(value * 100, Whole(_leverage, 2));
                Quantity += Whole(action.Quantity, 8);
                basis += value;
                margin += own;
                heldFees += fee;
                Cash -= own + fee;
                continue;
            }

            var left = action.Kind == LedgerKind.FullExit && action.Quantity == 0 ? Quantity : Whole(action.Quantity, 8);
            var proceeds = Whole(action.Price, 8) * left;
            var (cost, back, paid) = (Part(basis, left), Part(margin, left), Part(heldFees, left));
            var profit = _side == PositionSide.Long ? proceeds - cost : cost - proceeds;
            Quantity -= left;
            basis -= cost;
            margin -= back;
            heldFees -= paid;
            Realized += profit - paid - fee;
            Cash += back + profit - fee;
        }
    }

    private BigInteger Part(BigInteger total, BigInteger left) =>
        left == Quantity ? total : BigInteger.Min(total, Rounded(total * left, Quantity));

    /// <summary>To a multiple of 10^-8 USD, halves to the even one.</summary>
    private static BigInteger Rounded(BigInteger numerator, BigInteger denominator)
    {
        denominator *= Eighth;
        var floor = BigInteger.DivRem(numerator, denominator, out var rest);
        var isUp = rest * 2 > denominator || (rest * 2 == denominator && !floor.IsEven);
        return (isUp ? floor + 1 : floor) * Eighth;
    }
}
