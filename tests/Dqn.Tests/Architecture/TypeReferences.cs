using System.Reflection;
using System.Reflection.Emit;

namespace Dqn.Tests.Architecture;

/// <summary>Which types a type uses: in its declaration, its members' and in the code of its methods.</summary>
internal static class TypeReferences
{
    private const BindingFlags Declared = BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public
        | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<short, OpCode> s_opCodes = typeof(OpCodes).GetFields()
        .Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => code.Value);

    /// <summary>Each type as the outermost that it lies in, itself and repetitions included.</summary>
    public static IEnumerable<Type> Of(Type type) =>
        Direct(type).Where(used => used is not null).SelectMany(used => Parts(used!)).Select(Outermost);

    /// <summary>The type that a nested one lies in; of another one, itself.</summary>
    public static Type Outermost(Type type)
    {
        while (type.DeclaringType is { } outer)
            type = outer;
        return type.IsGenericType ? type.GetGenericTypeDefinition() : type;
    }

    private static IEnumerable<Type?> Direct(Type type)
    {
        yield return type.BaseType;
        foreach (Type contract in type.GetInterfaces())
            yield return contract;
        foreach (CustomAttributeData attribute in type.GetCustomAttributesData())
            yield return attribute.AttributeType;
        foreach (FieldInfo field in type.GetFields(Declared))
            yield return field.FieldType;
        foreach (MethodBase method in type.GetMethods(Declared).Cast<MethodBase>().Concat(type.GetConstructors(Declared)))
            foreach (Type? used in Used(method))
                yield return used;
        foreach (Type nested in type.GetNestedTypes(Declared))
            foreach (Type? used in Direct(nested))
                yield return used;
    }

    private static IEnumerable<Type?> Used(MethodBase method)
    {
        yield return (method as MethodInfo)?.ReturnType;
        foreach (ParameterInfo parameter in method.GetParameters())
            yield return parameter.ParameterType;
        if (method.GetMethodBody() is not { } body)
            yield break;
        foreach (LocalVariableInfo local in body.LocalVariables)
            yield return local.LocalType;
        foreach (ExceptionHandlingClause clause in body.ExceptionHandlingClauses)
            if (clause.Flags == ExceptionHandlingClauseOptions.Clause)
                yield return clause.CatchType;
        foreach (int token in Tokens(body.GetILAsByteArray()!))
            foreach (Type? used in Resolve(method, token))
                yield return used;
    }

    // What instructions refer to: types, methods, fields.
    private static IEnumerable<int> Tokens(byte[] code)
    {
        for (int at = 0; at < code.Length;)
        {
            short value = code[at++];
            if (value == 0xFE)
                value = (short)(0xFE00 | code[at++]);
            OpCode opCode = s_opCodes[value];
            if (opCode.OperandType is OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok
                or OperandType.InlineType)
            {
                yield return BitConverter.ToInt32(code, at);
            }

            at += opCode.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(code, at)),
                _ => 4,
            };
        }
    }

    private static IEnumerable<Type?> Resolve(MethodBase method, int token)
    {
        Type[]? ofType = method.DeclaringType is { IsGenericType: true } owner ? owner.GetGenericArguments() : null;
        Type[]? ofMethod = method is MethodInfo { IsGenericMethod: true } ? method.GetGenericArguments() : null;
        MemberInfo? member = method.Module.ResolveMember(token, ofType, ofMethod);
        yield return member as Type ?? member?.DeclaringType;
        if (member is FieldInfo field)
            yield return field.FieldType;
        if (member is MethodInfo called)
        {
            yield return called.ReturnType;
            foreach (Type argument in called.IsGenericMethod ? called.GetGenericArguments() : [])
                yield return argument;
        }
    }

    // Of List<Tensor[]>: List, and Tensor.
    private static IEnumerable<Type> Parts(Type type)
    {
        if (type.HasElementType)
            return Parts(type.GetElementType()!);
        if (type.IsGenericParameter || type.IsFunctionPointer)
            return [];
        return type.IsGenericType ? type.GetGenericArguments().SelectMany(Parts).Prepend(type) : [type];
    }
}
