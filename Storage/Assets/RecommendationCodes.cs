using System.Data;
using CryptoAI.Grains.Interfaces.Assets;

namespace CryptoAI.Storage.Assets;

/// <summary>The words of ai_recommendations for the contract's enums.</summary>
public static class RecommendationCodes
{
    private static readonly string[] Kinds = ["portfolio", "watchlist", "asset", "user", "strategy"];
    private static readonly string[] Types = ["entry", "exit", "risk_management", "rebalance", "allocation", "position_sizing", "learning"];
    private static readonly string[] Statuses = ["pending", "approved", "followed", "implemented", "ignored", "expired", "rejected"];
    private static readonly string[] Priorities = ["low", "medium", "high", "urgent"];

    public static string Code(RecommendationTargetKind kind) => Kinds[(int)kind];

    public static string Code(RecommendationType type) => Types[(int)type];

    public static string Code(RecommendationStatus status) => Statuses[(int)status];

    public static string Code(RecommendationPriority priority) => Priorities[(int)priority];

    public static RecommendationTargetKind ParseKind(string code) => (RecommendationTargetKind)Parse(Kinds, code);

    public static RecommendationType ParseType(string code) => (RecommendationType)Parse(Types, code);

    public static RecommendationStatus ParseStatus(string code) => (RecommendationStatus)Parse(Statuses, code);

    public static RecommendationPriority ParsePriority(string code) => (RecommendationPriority)Parse(Priorities, code);

    private static int Parse(string[] words, string code) =>
        Array.IndexOf(words, code) is >= 0 and var index ? index : throw new DataException($"'{code}' is none of {string.Join(", ", words)}.");
}
