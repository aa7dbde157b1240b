using System.Collections.Immutable;
using System.Data.Common;
using System.Reflection;
using System.Runtime.CompilerServices;
using Orleans.Runtime;

namespace CryptoAI.Tests.Engine.Contracts;

/// <summary>
/// What Orleans can send between processes, and what may be passed by reference within one. The local engine sends everything by
/// reference and would never notice a contract that breaks these rules.
/// </summary>
public static class ContractRules
{
    private static readonly HashSet<Type> Sendable =
    [
        typeof(bool), typeof(byte), typeof(sbyte), typeof(short), typeof(ushort), typeof(int), typeof(uint), typeof(long), typeof(ulong),
        typeof(float), typeof(double), typeof(char), typeof(string), typeof(decimal), typeof(Int128), typeof(UInt128), typeof(Guid),
        typeof(DateTimeOffset), typeof(DateTime), typeof(DateOnly), typeof(TimeOnly), typeof(TimeSpan),
    ];

    private static readonly HashSet<Type> SendableOf =
    [
        typeof(Nullable<>), typeof(List<>), typeof(Dictionary<,>), typeof(HashSet<>), typeof(ImmutableArray<>), typeof(ImmutableList<>),
        typeof(ImmutableDictionary<,>), typeof(ImmutableHashSet<>), typeof(ImmutableSortedDictionary<,>), typeof(ImmutableSortedSet<>),
    ];

    private static readonly HashSet<Type> Results = [typeof(Task), typeof(ValueTask), typeof(void)];

    private static readonly HashSet<Type> ResultsOf = [typeof(Task<>), typeof(ValueTask<>)];

    /// <summary>Every breach in the contracts among these types, as a sentence. Empty when all is well.</summary>
    public static string[] Breaches(IReadOnlyCollection<Type> types)
    {
        var interfaces = types.Where(type => type.IsInterface && typeof(IAddressable).IsAssignableFrom(type)).ToArray();
        var records = types.Where(type => type.IsDefined(typeof(GenerateSerializerAttribute))).ToArray();
        return
        [
            .. interfaces.SelectMany(BreachesOfInterface),
            .. records.SelectMany(BreachesOfRecord),
            .. Doubles([.. interfaces, .. records], type => AliasOf(type), type => type.Name),
        ];
    }

    private static IEnumerable<string> BreachesOfInterface(Type type)
    {
        if (AliasOf(type) is null)
        {
            yield return $"{type.Name} has no alias.";
        }

        foreach (var twice in Doubles(type.GetMethods(), method => AliasOf(method), method => $"{type.Name}.{method.Name}"))
        {
            yield return twice;
        }

        foreach (var method in type.GetMethods())
        {
            var name = $"{type.Name}.{method.Name}";
            if (AliasOf(method) is null)
            {
                yield return $"{name} has no alias.";
            }

            if (method.IsGenericMethodDefinition)
            {
                yield return $"{name} is generic.";
            }

            var result = method.ReturnType;
            if (result.IsGenericType && ResultsOf.Contains(result.GetGenericTypeDefinition()))
            {
                foreach (var breach in BreachesOfUse(result.GetGenericArguments()[0], $"the result of {name}"))
                {
                    yield return breach;
                }
            }
            else if (!Results.Contains(result))
            {
                yield return $"{name} returns {result}, which is no task.";
            }

            foreach (var parameter in method.GetParameters().Where(p => p.ParameterType != typeof(CancellationToken)))
            {
                foreach (var breach in BreachesOfUse(parameter.ParameterType, $"{parameter.Name} of {name}"))
                {
                    yield return breach;
                }
            }
        }
    }

    private static IEnumerable<string> BreachesOfRecord(Type type)
    {
        if (AliasOf(type) is null)
        {
            yield return $"{type.Name} has no alias.";
        }

        if (!type.IsDefined(typeof(ImmutableAttribute)))
        {
            yield return $"{type.Name} is not marked immutable.";
        }

        if (type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType)
            && parent != typeof(Exception) && parent != typeof(DbException)
            && !parent.IsDefined(typeof(GenerateSerializerAttribute)))
        {
            yield return $"{type.Name} derives from {parent.Name}, which cannot be sent.";
        }

        Dictionary<uint, string> ids = [];
        foreach (var field in type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
        {
            var member = MemberOf(type, field);
            var name = $"{type.Name}.{member.Name}";
            if (member.GetCustomAttribute<IdAttribute>() is not { } id)
            {
                yield return $"{name} has no id.";
            }
            else if (!ids.TryAdd(id.Id, name))
            {
                yield return $"{name} has the id of {ids[id.Id]}.";
            }

            if (member is PropertyInfo { SetMethod: { } setter }
                    ? !setter.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit))
                    : member is FieldInfo { IsInitOnly: false })
            {
                yield return $"{name} can be set after the object was made.";
            }

            foreach (var breach in BreachesOfUse(field.FieldType, name))
            {
                yield return breach;
            }
        }
    }

    private static IEnumerable<string> BreachesOfUse(Type type, string where)
    {
        if (type.IsArray)
        {
            return BreachesOfUse(type.GetElementType()!, where);
        }

        if (type.IsGenericType && SendableOf.Contains(type.GetGenericTypeDefinition()))
        {
            return type.GetGenericArguments().SelectMany(argument => BreachesOfUse(argument, where));
        }

        var isReference = type.IsInterface && typeof(IAddressable).IsAssignableFrom(type);
        return Sendable.Contains(type) || type.IsEnum || isReference || type.IsDefined(typeof(GenerateSerializerAttribute))
            ? []
            : [$"{type}, {where}, cannot be sent."];
    }

    // An automatic property's field stands for the property.
    private static MemberInfo MemberOf(Type type, FieldInfo field) => field.Name is ['<', .. var name] && name.IndexOf('>', StringComparison.Ordinal) is var end
        ? (MemberInfo?)type.GetProperty(name[..end], BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic) ?? field
        : field;

    private static string? AliasOf(MemberInfo member) => member.GetCustomAttribute<AliasAttribute>(inherit: false)?.Alias;

    private static IEnumerable<string> Doubles<T>(IReadOnlyCollection<T> members, Func<T, string?> alias, Func<T, string> name) => members
        .Where(member => alias(member) is not null)
        .GroupBy(alias, StringComparer.Ordinal)
        .Where(same => same.Count() > 1)
        .Select(same => $"{string.Join(" and ", same.Select(name))} have the alias '{same.Key}'.");
}
