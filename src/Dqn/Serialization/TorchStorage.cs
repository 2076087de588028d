namespace Dqn.Serialization;

/// <summary>PyTorch's names of typed storages: <c>torch.FloatStorage</c> and so on.</summary>
internal static class TorchStorage
{
    /// <summary>The storage class for elements of that type, without its module.</summary>
    public static string NameOf(TensorType type) => type switch
    {
        TensorType.Float32 => "FloatStorage",
        TensorType.Float64 => "DoubleStorage",
        TensorType.Float16 => "HalfStorage",
        TensorType.BFloat16 => "BFloat16Storage",
        TensorType.Int64 => "LongStorage",
        TensorType.Int32 => "IntStorage",
        TensorType.Int16 => "ShortStorage",
        TensorType.Int8 => "CharStorage",
        TensorType.UInt8 => "ByteStorage",
        TensorType.Bool => "BoolStorage",
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Unknown tensor type."),
    };

    /// <summary>The element type of a storage class; false for one that <see cref="TensorType"/> lacks.</summary>
    public static bool TryGetType(string name, out TensorType type)
    {
        foreach (TensorType candidate in Enum.GetValues<TensorType>())
        {
            if (NameOf(candidate) == name)
            {
                type = candidate;
                return true;
            }
        }

        type = default;
        return false;
    }
}
