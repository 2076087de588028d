// A package's documentation file holds what the compiler found, internals included. Packing takes those out:
//   dotnet run --file src/.packing/PublicDocumentation.cs -- ASSEMBLY.dll DOCUMENTATION.xml
// and this makes sure that packages have only what is public, and every public type:
//   dotnet run --file src/.packing/PublicDocumentation.cs -- --check PACKAGE.nupkg …
#:property PublishAot=false
using System.Collections.Immutable;
using System.IO.Compression;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Xml.Linq;

if (args is ["--check", .. var packages])
    return packages.Select(Check).ToArray().All(sound => sound) ? 0 : 1;
HashSet<string> known = PublicNames.Of(File.ReadAllBytes(args[0]));
XDocument file = XDocument.Load(args[1], LoadOptions.PreserveWhitespace);
foreach (XElement member in Members(file).Where(member => !known.Contains(NameOf(member))).ToArray())
{
    if (member.PreviousNode is XText space)
        space.Remove();
    member.Remove();
}

file.Save(args[1], SaveOptions.DisableFormatting);
return 0;

static IEnumerable<XElement> Members(XDocument file) => file.Root!.Element("members")!.Elements("member");

static string NameOf(XElement member) => member.Attribute("name")!.Value;

static bool Check(string package)
{
    using ZipArchive archive = ZipFile.OpenRead(package);
    bool sound = true;
    foreach (ZipArchiveEntry documentation in archive.Entries.Where(
        entry => entry.FullName.StartsWith("lib/", StringComparison.Ordinal) && entry.Name.EndsWith(".xml", StringComparison.Ordinal)))
    {
        using var assembly = new MemoryStream();
        using (Stream stream = archive.GetEntry(Path.ChangeExtension(documentation.FullName, ".dll"))!.Open())
            stream.CopyTo(assembly);
        HashSet<string> known = PublicNames.Of(assembly.ToArray());
        using Stream content = documentation.Open();
        HashSet<string> documented = [.. Members(XDocument.Load(content)).Select(NameOf)];
        string[] hidden = [.. documented.Except(known)];
        string[] missing = [.. known.Where(name => name.StartsWith("T:", StringComparison.Ordinal)).Except(documented)];
        Console.WriteLine(
            $"{package}, {documentation.Name}: {documented.Count} members; not public: {string.Join(", ", hidden)}; public types " +
            $"without a word: {string.Join(", ", missing)}");
        sound &= hidden.Length == 0 && missing.Length == 0;
    }

    string[] silent = [.. archive.Entries.Select(entry => entry.FullName).Where(
        name => name.StartsWith("lib/", StringComparison.Ordinal) && name.EndsWith(".dll", StringComparison.Ordinal)
            && archive.GetEntry(Path.ChangeExtension(name, ".xml")) is null)];
    foreach (string name in silent)
        Console.WriteLine($"{package}: {name} has no documentation");
    return sound && silent.Length == 0;
}

/// <summary>The documentation's names of what an assembly shows to those who reference it.</summary>
internal sealed class PublicNames : ISignatureTypeProvider<string, object?>
{
    private readonly MetadataReader _reader;
    private readonly HashSet<string> _names = [];

    private PublicNames(MetadataReader reader) => _reader = reader;

    public static HashSet<string> Of(byte[] assembly)
    {
        using var image = new PEReader(ImmutableArray.Create(assembly));
        var names = new PublicNames(image.GetMetadataReader());
        foreach (TypeDefinitionHandle handle in names._reader.TypeDefinitions)
            if (names.IsShown(handle))
                names.Add(handle);
        return names._names;
    }

    private bool IsShown(TypeDefinitionHandle handle)
    {
        TypeDefinition type = _reader.GetTypeDefinition(handle);
        bool shown = (type.Attributes & TypeAttributes.VisibilityMask) is TypeAttributes.Public or TypeAttributes.NestedPublic
            or TypeAttributes.NestedFamily or TypeAttributes.NestedFamORAssem;
        return shown && (type.GetDeclaringType().IsNil || IsShown(type.GetDeclaringType()));
    }

    private void Add(TypeDefinitionHandle handle)
    {
        TypeDefinition type = _reader.GetTypeDefinition(handle);
        string name = GetTypeFromDefinition(_reader, handle, 0);
        _names.Add($"T:{name}");
        foreach (FieldDefinition field in type.GetFields().Select(_reader.GetFieldDefinition))
            if ((field.Attributes & FieldAttributes.FieldAccessMask) is FieldAttributes.Public or FieldAttributes.Family or FieldAttributes.FamORAssem)
                _names.Add($"F:{name}.{_reader.GetString(field.Name)}");
        foreach (MethodDefinition method in type.GetMethods().Select(_reader.GetMethodDefinition).Where(IsShown))
            _names.Add($"M:{name}.{Signature(method)}");
        foreach (PropertyDefinition property in type.GetProperties().Select(_reader.GetPropertyDefinition))
        {
            PropertyAccessors accessors = property.GetAccessors();
            if (IsShown(accessors.Getter) || IsShown(accessors.Setter))
            {
                MethodSignature<string> signature = property.DecodeSignature(this, null);
                _names.Add($"P:{name}.{_reader.GetString(property.Name)}{Parameters(signature)}");
            }
        }

        foreach (EventDefinition happening in type.GetEvents().Select(_reader.GetEventDefinition))
            if (IsShown(happening.GetAccessors().Adder))
                _names.Add($"E:{name}.{_reader.GetString(happening.Name)}");
    }

    private bool IsShown(MethodDefinitionHandle handle) => !handle.IsNil && IsShown(_reader.GetMethodDefinition(handle));

    private static bool IsShown(MethodDefinition method) => (method.Attributes & MethodAttributes.MemberAccessMask)
        is MethodAttributes.Public or MethodAttributes.Family or MethodAttributes.FamORAssem;

    private string Signature(MethodDefinition method)
    {
        MethodSignature<string> signature = method.DecodeSignature(this, null);
        string name = _reader.GetString(method.Name).Replace('.', '#');
        string generic = signature.GenericParameterCount > 0 ? $"``{signature.GenericParameterCount}" : "";
        string result = name is "op_Implicit" or "op_Explicit" ? $"~{signature.ReturnType}" : "";
        return $"{name}{generic}{Parameters(signature)}{result}";
    }

    private static string Parameters(MethodSignature<string> signature) =>
        signature.ParameterTypes.IsEmpty ? "" : $"({string.Join(',', signature.ParameterTypes)})";

    public string GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind)
    {
        TypeDefinition type = reader.GetTypeDefinition(handle);
        string name = reader.GetString(type.Name), space = reader.GetString(type.Namespace);
        return !type.GetDeclaringType().IsNil ? $"{GetTypeFromDefinition(reader, type.GetDeclaringType(), 0)}.{name}"
            : space.Length > 0 ? $"{space}.{name}" : name;
    }

    public string GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind)
    {
        TypeReference type = reader.GetTypeReference(handle);
        string name = reader.GetString(type.Name);
        return type.ResolutionScope.Kind == HandleKind.TypeReference
            ? $"{GetTypeFromReference(reader, (TypeReferenceHandle)type.ResolutionScope, 0)}.{name}"
            : $"{reader.GetString(type.Namespace)}.{name}";
    }

    // List`1 of Int32 is List{Int32}; each of nested types takes its own arguments.
    public string GetGenericInstantiation(string genericType, ImmutableArray<string> typeArguments)
    {
        int taken = 0;
        return string.Join('.', genericType.Split('.').Select(part =>
        {
            string[] pieces = part.Split('`');
            if (pieces.Length == 1)
                return part;
            int count = int.Parse(pieces[1], System.Globalization.CultureInfo.InvariantCulture);
            taken += count;
            return $"{pieces[0]}{{{string.Join(',', typeArguments[(taken - count)..taken])}}}";
        }));
    }

    public string GetTypeFromSpecification(MetadataReader reader, object? context, TypeSpecificationHandle handle, byte rawTypeKind) =>
        reader.GetTypeSpecification(handle).DecodeSignature(this, context);

    public string GetPrimitiveType(PrimitiveTypeCode typeCode) => $"System.{typeCode}";

    public string GetArrayType(string elementType, ArrayShape shape) =>
        $"{elementType}[{string.Join(',', Enumerable.Repeat("0:", shape.Rank))}]";

    public string GetSZArrayType(string elementType) => $"{elementType}[]";

    public string GetByReferenceType(string elementType) => $"{elementType}@";

    public string GetPointerType(string elementType) => $"{elementType}*";

    public string GetPinnedType(string elementType) => elementType;

    public string GetModifiedType(string modifier, string unmodifiedType, bool isRequired) => unmodifiedType;

    public string GetGenericMethodParameter(object? context, int index) => $"``{index}";

    public string GetGenericTypeParameter(object? context, int index) => $"`{index}";

    public string GetFunctionPointerType(MethodSignature<string> signature) => "=FUNC";
}
