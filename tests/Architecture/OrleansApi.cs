using System.Collections.Immutable;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace CryptoAI.Tests.Architecture;

/// <summary>Reads from compiled assemblies which types and members of the Orleans API they use, with their signatures.</summary>
internal sealed class OrleansApi
{
    private const string Engine = "CryptoAI.Engine.Local";
    private static readonly Signatures Names = new();
    private readonly SortedDictionary<string, SortedSet<string>> _members = new(StringComparer.Ordinal);

    /// <summary>Members by type; a type may be used without any, as attributes and interfaces are.</summary>
    public IReadOnlyDictionary<string, SortedSet<string>> Members => _members;

    public void Add(string assembly)
    {
        using var file = new PEReader(File.OpenRead(assembly));
        var reader = file.GetMetadataReader();
        foreach (var handle in reader.TypeReferences)
        {
            if (IsOrleans(reader, handle))
            {
                MembersOf(Signatures.NameOf(reader, handle));
            }
        }

        foreach (var handle in reader.MemberReferences)
        {
            var member = reader.GetMemberReference(handle);
            if (TypeOf(reader, member.Parent) is { IsNil: false } type && IsOrleans(reader, type))
            {
                MembersOf(Signatures.NameOf(reader, type)).Add(Render(reader, member));
            }
        }
    }

    private SortedSet<string> MembersOf(string type)
    {
        if (!_members.TryGetValue(type, out var members))
        {
            members = new SortedSet<string>(StringComparer.Ordinal);
            _members.Add(type, members);
        }

        return members;
    }

    private static string Render(MetadataReader reader, MemberReference member)
    {
        var name = reader.GetString(member.Name);
        if (member.GetKind() == MemberReferenceKind.Field)
        {
            return $"{member.DecodeFieldSignature(Names, genericContext: null)} {name}";
        }

        var signature = member.DecodeMethodSignature(Names, genericContext: null);
        var arity = signature.GenericParameterCount == 0
            ? ""
            : $"<{string.Join(", ", Enumerable.Range(0, signature.GenericParameterCount).Select(i => $"!!{i}"))}>";
        return $"{(signature.Header.IsInstance ? "" : "static ")}{signature.ReturnType} {name}{arity}({string.Join(", ", signature.ParameterTypes)})";
    }

    private static TypeReferenceHandle TypeOf(MetadataReader reader, EntityHandle parent) => parent.Kind switch
    {
        HandleKind.TypeReference => (TypeReferenceHandle)parent,
        HandleKind.TypeSpecification => GenericOf(reader, (TypeSpecificationHandle)parent),
        _ => default,
    };

    private static TypeReferenceHandle GenericOf(MetadataReader reader, TypeSpecificationHandle handle)
    {
        var blob = reader.GetBlobReader(reader.GetTypeSpecification(handle).Signature);
        if (blob.ReadSignatureTypeCode() != SignatureTypeCode.GenericTypeInstance)
        {
            return default;
        }

        blob.ReadCompressedInteger();
        var definition = blob.ReadTypeHandle();
        return definition.Kind == HandleKind.TypeReference ? (TypeReferenceHandle)definition : default;
    }

    private static bool IsOrleans(MetadataReader reader, TypeReferenceHandle handle)
    {
        var type = reader.GetTypeReference(handle);
        if (type.ResolutionScope.Kind == HandleKind.TypeReference)
        {
            return IsOrleans(reader, (TypeReferenceHandle)type.ResolutionScope);
        }

        var space = reader.GetString(type.Namespace);
        return type.ResolutionScope.Kind == HandleKind.AssemblyReference
            && reader.GetString(reader.GetAssemblyReference((AssemblyReferenceHandle)type.ResolutionScope).Name) == Engine
            && (space == "Orleans" || space.StartsWith("Orleans.", StringComparison.Ordinal));
    }

    /// <summary>Writes types as metadata names them; !0 is a type's generic parameter, !!0 a method's.</summary>
    private sealed class Signatures : ISignatureTypeProvider<string, object?>
    {
        public static string NameOf(MetadataReader reader, TypeReferenceHandle handle)
        {
            var type = reader.GetTypeReference(handle);
            var name = reader.GetString(type.Name);
            return type.ResolutionScope.Kind == HandleKind.TypeReference
                ? $"{NameOf(reader, (TypeReferenceHandle)type.ResolutionScope)}.{name}"
                : $"{reader.GetString(type.Namespace)}.{name}";
        }

        public string GetArrayType(string elementType, ArrayShape shape) => $"{elementType}[{new string(',', shape.Rank - 1)}]";

        public string GetByReferenceType(string elementType) => $"ref {elementType}";

        public string GetFunctionPointerType(MethodSignature<string> signature) => "function pointer";

        public string GetGenericInstantiation(string genericType, ImmutableArray<string> typeArguments) =>
            $"{genericType.Split('`')[0]}<{string.Join(", ", typeArguments)}>";

        public string GetGenericMethodParameter(object? genericContext, int index) => $"!!{index}";

        public string GetGenericTypeParameter(object? genericContext, int index) => $"!{index}";

        public string GetModifiedType(string modifier, string unmodifiedType, bool isRequired) => unmodifiedType;

        public string GetPinnedType(string elementType) => elementType;

        public string GetPointerType(string elementType) => $"{elementType}*";

        public string GetPrimitiveType(PrimitiveTypeCode typeCode) => typeCode switch
        {
            PrimitiveTypeCode.Boolean => "bool",
            PrimitiveTypeCode.Int32 => "int",
            PrimitiveTypeCode.UInt32 => "uint",
            PrimitiveTypeCode.Int64 => "long",
            _ => typeCode.ToString().ToLowerInvariant(),
        };

        public string GetSZArrayType(string elementType) => $"{elementType}[]";

        public string GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) =>
            reader.GetString(reader.GetTypeDefinition(handle).Name);

        public string GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind)
        {
            var name = NameOf(reader, handle);
            return name.StartsWith("System.", StringComparison.Ordinal) ? name[(name.LastIndexOf('.') + 1)..] : name;
        }

        public string GetTypeFromSpecification(MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind) =>
            reader.GetTypeSpecification(handle).DecodeSignature(this, genericContext);
    }
}
