using System.ComponentModel;
using System.Text.Json.Nodes;
using Python.Runtime;

namespace Dqn.Gymnasium;

/// <summary>Python's objects and exceptions, to and fro. All of it under Python's lock.</summary>
internal static class PythonObjects
{
    /// <summary>Python's None.</summary>
    public static PyObject None => PyObject.None;

    /// <summary><c>gymnasium.make(id, …)</c>.</summary>
    public static PyObject Make(string id, object? arguments)
    {
        using PyObject gymnasium = Import();
        return Call($"gymnasium.make({id})", () =>
        {
            using PyString name = new(id);
            using PyDict keywords = new();
            foreach ((string key, object? value) in Properties(arguments))
                keywords[key] = value is null ? None : value.ToPython();
            return gymnasium.InvokeMethod("make", [name], keywords);
        });
    }

    /// <summary>The arguments as data.</summary>
    /// <exception cref="ArgumentException">One is of a type that Python would not get as it is.</exception>
    public static JsonObject Describe(object? arguments)
    {
        JsonObject description = [];
        foreach ((string key, object? value) in Properties(arguments))
        {
            description[key] = value switch
            {
                null => null,
                bool truth => truth,
                string text => text,
                int number => number,
                long number => number,
                float number => number,
                double number => number,
                _ => throw new ArgumentException(
                    $"Expected a text, a number or a boolean as the argument {key}, got a {value.GetType().Name}."),
            };
        }

        return description;
    }

    /// <summary>Calls Python; its exceptions become .NET's with their text.</summary>
    /// <exception cref="InvalidOperationException">Python raised one.</exception>
    public static PyObject Call(string what, Func<PyObject> call)
    {
        try
        {
            return call();
        }
        catch (PythonException exception)
        {
            throw new InvalidOperationException(
                $"{what} failed in Python: {exception.Type.Name}: {exception.Message}", exception);
        }
    }

    /// <summary>The parts of a tuple.</summary>
    /// <exception cref="InvalidOperationException">It is no tuple of so many.</exception>
    public static PyObject[] Tuple(PyObject result, int count, string what, string expected)
    {
        if (!PyTuple.IsTupleType(result) || result.Length() != count)
        {
            throw new InvalidOperationException(
                $"{what}: expected {expected} as Gymnasium has it since 0.26, got {Short(result)}.");
        }

        return [.. Enumerable.Range(0, count).Select(i => result[i])];
    }

    /// <summary>A number.</summary>
    /// <exception cref="InvalidOperationException">It is none.</exception>
    public static double Number(PyObject value, string what)
    {
        try
        {
            using PyFloat number = PyFloat.AsFloat(value);
            return number.ToDouble();
        }
        catch (PythonException)
        {
            throw new InvalidOperationException($"{what}: expected a number as the reward, got {Short(value)}.");
        }
    }

    /// <summary>A whole number of any size.</summary>
    public static PyObject Integer(ulong value) => new PyInt(value);

    /// <summary>What Python prints of a value, cut.</summary>
    public static string Short(PyObject value)
    {
        string text = value.Repr() ?? "nothing";
        return text.Length <= 200 ? text : text[..200] + " …";
    }

    private static PyObject Import()
    {
        try
        {
            return Py.Import("gymnasium");
        }
        catch (PythonException exception)
        {
            throw new InvalidOperationException(
                "Expected Python's package gymnasium, found none: pip install gymnasium, in the Python that " +
                $"{PythonInterpreter.Variable} names. ({exception.Message})", exception);
        }
    }

    private static IEnumerable<(string Name, object? Value)> Properties(object? arguments)
    {
        if (arguments is null)
            yield break;
        foreach (PropertyDescriptor property in TypeDescriptor.GetProperties(arguments))
            yield return (property.Name, property.GetValue(arguments));
    }
}
