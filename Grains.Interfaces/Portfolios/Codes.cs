namespace CryptoAI.Grains.Interfaces.Portfolios;

/// <summary>portfolio.asset_type: what is held, and which way it earns.</summary>
public enum AssetType : byte
{
    CryptoAsset,
    Stablecoin,
    LongPosition,
    ShortPosition,
}

/// <summary>portfolio.trade_status.</summary>
public enum TradeStatus : byte
{
    Open,
    Accumulating,
    Reducing,
    ExitPlan,
    Closed,
}

/// <summary>
/// trade_actions.action_type. Buy, Sell and PartialSell are for what is held (crypto assets, stablecoins); Entry, PartialExit and
/// FullExit for long and short positions.
/// </summary>
public enum ActionType : byte
{
    Buy,
    Sell,
    PartialSell,
    Entry,
    PartialExit,
    FullExit,
    ModifySl,
    ModifyTp,
}

/// <summary>portfolio.investment_timeframe.</summary>
public enum InvestmentTimeframe : byte
{
    ShortTerm,
    MediumTerm,
    LongTerm,
}

/// <summary>portfolio.risk_category.</summary>
public enum RiskCategory : byte
{
    Conservative,
    Moderate,
    Aggressive,
}

/// <summary>trade_actions.market_sentiment.</summary>
public enum MarketSentiment : byte
{
    Bullish,
    Bearish,
    Sideways,
}

/// <summary>trade_actions.volatility_level.</summary>
public enum VolatilityLevel : byte
{
    Low,
    Medium,
    High,
    Extreme,
}

/// <summary>trade_actions.volume_profile.</summary>
public enum VolumeProfile : byte
{
    AboveAverage,
    BelowAverage,
    Normal,
}

/// <summary>trade_actions.primary_setup.</summary>
public enum PrimarySetup : byte
{
    Breakout,
    Pullback,
    Reversal,
    TrendFollow,
}

/// <summary>trade_actions.chart_pattern.</summary>
public enum ChartPattern : byte
{
    Triangle,
    Flag,
    HeadShoulders,
}

/// <summary>trade_actions.action_source.</summary>
public enum ActionSource : byte
{
    Manual,
    AiSignal,
    CopyTrade,
    Algorithm,
}

/// <summary>signal_executions.execution_type: by hand, or by an algorithm or a copied trade.</summary>
public enum ExecutionType : byte
{
    Manual,
    Automatic,
}

/// <summary>signal_executions.status.</summary>
public enum ExecutionStatus : byte
{
    Pending,
    Filled,
    PartiallyFilled,
    Cancelled,
}
