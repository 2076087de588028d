namespace Dqn.Serialization;

/// <summary>What a stored tensor's numbers are.</summary>
public enum TensorType
{
    /// <summary>32-bit IEEE float: <c>torch.float32</c>.</summary>
    Float32,

    /// <summary>64-bit IEEE float: <c>torch.float64</c>.</summary>
    Float64,

    /// <summary>16-bit IEEE float: <c>torch.float16</c>.</summary>
    Float16,

    /// <summary>The upper half of a 32-bit float: <c>torch.bfloat16</c>.</summary>
    BFloat16,

    /// <summary>Signed 64-bit integer: <c>torch.int64</c>.</summary>
    Int64,

    /// <summary>Signed 32-bit integer: <c>torch.int32</c>.</summary>
    Int32,

    /// <summary>Signed 16-bit integer: <c>torch.int16</c>.</summary>
    Int16,

    /// <summary>Signed byte: <c>torch.int8</c>.</summary>
    Int8,

    /// <summary>Unsigned byte: <c>torch.uint8</c>.</summary>
    UInt8,

    /// <summary>One byte, 0 or 1: <c>torch.bool</c>.</summary>
    Bool,
}
