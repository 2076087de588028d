using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace Dqn.Tests;

/// <summary>
/// The public surface of the package under test, recorded beside its project in PublicApi.txt, so that a change to it is
/// seen in review. Every test project has this test of its own package.
/// After a wanted change: DQN_ACCEPT_PUBLIC_API=1 dotnet test --filter PublicApi
/// </summary>
public class PublicApiTests
{
    [Test]
    public void The_public_API_is_the_recorded_one()
    {
        string package = typeof(PublicApiTests).Assembly.GetName().Name![..^".Tests".Length];
        string path = Path.Combine(RepositoryRoot(), "src", package, "PublicApi.txt");
        string actual = Describe(Assembly.Load(package));
        if (Environment.GetEnvironmentVariable("DQN_ACCEPT_PUBLIC_API") == "1")
            File.WriteAllText(path, actual);

        string[] recorded = File.Exists(path) ? File.ReadAllLines(path) : [], current = actual.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Multiple(() =>
        {
            Assert.That(recorded.Except(current), Is.Empty, "recorded in PublicApi.txt, but gone");
            Assert.That(current.Except(recorded), Is.Empty, "new, and not recorded in PublicApi.txt");
        });
    }

    private static string RepositoryRoot([CallerFilePath] string path = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, "..", ".."));

    private static string Describe(Assembly assembly)
    {
        var text = new StringBuilder();
        foreach (Type type in assembly.GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal))
        {
            text.Append(Kind(type)).Append(' ').Append(Name(type));
            Type[] bases = [.. (type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType) &&
                                parent != typeof(Enum) && parent != typeof(MulticastDelegate) ? [parent] : Type.EmptyTypes),
                            .. type.GetInterfaces().Where(i => i.IsPublic && !i.IsGenericType)];
            if (bases.Length > 0 && !type.IsEnum)
                text.Append(" : ").AppendJoin(", ", bases.Select(Name).Order(StringComparer.Ordinal));
            text.Append('\n');

            const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance |
                BindingFlags.Static | BindingFlags.DeclaredOnly;
            var members = type.GetMembers(Declared).Select(member => Describe(type, member)).OfType<string>();
            foreach (string member in members.Distinct().Order(StringComparer.Ordinal))
                text.Append(Name(type)).Append('.').Append(member).Append('\n');
        }

        return text.ToString();
    }

    private static string Kind(Type type) =>
        type.IsEnum ? "enum" : type.IsInterface ? "interface" : type.IsValueType ? "struct" :
        type.IsSubclassOf(typeof(Delegate)) ? "delegate" : type.IsAbstract && type.IsSealed ? "static class" :
        type.IsAbstract ? "abstract class" : type.IsSealed ? "sealed class" : "class";

    // Public and protected members as a caller sees them; what the compiler writes for records and enums is left out.
    private static string? Describe(Type type, MemberInfo member)
    {
        if (member.GetCustomAttribute<CompilerGeneratedAttribute>() is not null)
            return null;
        switch (member)
        {
            case ConstructorInfo constructor when Visible(constructor):
                return $"{type.Name}({Parameters(constructor)})";
            case MethodInfo method when Visible(method) && (!method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal)):
                return $"{(method.IsStatic ? "static " : "")}{method.Name}{Generics(method)}({Parameters(method)}) -> {Name(method.ReturnType)}";
            case PropertyInfo property when property.GetAccessors(true).Any(Visible):
                string accessors = string.Join(" ", property.GetAccessors(true).Where(Visible).Select(accessor =>
                    accessor == property.GetMethod ? "get;" :
                    accessor.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) ? "init;" : "set;"));
                string index = property.GetIndexParameters().Length > 0
                    ? $"[{string.Join(", ", property.GetIndexParameters().Select(parameter => Name(parameter.ParameterType)))}]" : "";
                return $"{(property.GetAccessors(true)[0].IsStatic ? "static " : "")}{property.Name}{index} {{ {accessors} }} -> {Name(property.PropertyType)}";
            case FieldInfo field when field.IsPublic || field.IsFamily:
                if (type.IsEnum)
                    return field.IsLiteral ? $"{field.Name} = {field.GetRawConstantValue()}" : null;
                return $"{(field.IsLiteral ? "const " : field.IsStatic ? "static " : "")}{field.Name} -> {Name(field.FieldType)}";
            case EventInfo @event when Visible(@event.AddMethod!):
                return $"event {@event.Name} -> {Name(@event.EventHandlerType!)}";
            default:
                return null;
        }
    }

    private static bool Visible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static string Generics(MethodInfo method) =>
        method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(Name))}>" : "";

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(parameter =>
        $"{(parameter.IsOut ? "out " : parameter.ParameterType.IsByRef ? "ref " : "")}{Name(parameter.ParameterType)} {parameter.Name}" +
        (parameter.HasDefaultValue ? $" = {parameter.DefaultValue ?? "null"}" : "")));

    private static string Name(Type type)
    {
        if (type.IsByRef)
            return Name(type.GetElementType()!);
        if (type.IsArray)
            return $"{Name(type.GetElementType()!)}[]";
        if (Nullable.GetUnderlyingType(type) is { } underlying)
            return $"{Name(underlying)}?";
        string name = type.IsGenericParameter || type.Namespace?.StartsWith("System", StringComparison.Ordinal) == true
            ? type.Name : (type.FullName ?? type.Name).Replace('+', '.');
        if (!type.IsGenericType)
            return name;
        return $"{name[..(name.Contains('`', StringComparison.Ordinal) ? name.IndexOf('`', StringComparison.Ordinal) : name.Length)]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>";
    }
}
