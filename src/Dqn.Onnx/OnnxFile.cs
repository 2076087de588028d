using Dqn.Agents;
using Dqn.Environments;
using Dqn.Files;
using Dqn.Networks;
using Dqn.Onnx.Schema;
using Google.Protobuf;

namespace Dqn.Onnx;

/// <summary>
/// A policy in an ONNX file: bytes or floats in, action values out, any number of observations at a time. Pixels are divided
/// by 255 inside, noisy layers have no noise, a quantile network's risk level counts. <see cref="OnnxNames"/> says what the
/// inputs and outputs are called. The metadata are those of a model file: the observations and actions as <c>spec</c>, and
/// the environment with its wrappers, which have to prepare the observations as in training, as <c>environment</c>
/// (<see cref="PolicyMetadata"/>).
/// </summary>
/// <example><code>
/// using var policy = GreedyPolicy.Load("policy.safetensors");
/// OnnxFile.Write("policy.onnx", policy, new OnnxOptions { Action = true });
/// </code></example>
public static class OnnxFile
{
    private const string Extension = ".onnx";

    /// <summary>Writes a policy.</summary>
    /// <param name="path">A .onnx file.</param>
    /// <param name="policy">What to write; it stays the caller's.</param>
    /// <param name="options">What the file computes; null for the action values alone.</param>
    /// <exception cref="ArgumentException">
    /// Another extension, options that contradict each other or the network, or a network of 2 GiB or more, which the format
    /// does not hold.
    /// </exception>
    /// <exception cref="NotSupportedException">
    /// The network has a layer of one's own that is no <see cref="IOnnxLayer"/>, or does not say its layers: the message names
    /// it.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// An <see cref="IOnnxLayer"/> adds what the graph or the network does not have: the message names it.
    /// </exception>
    /// <exception cref="IOException">The file cannot be written; what was there before still is.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be written.</exception>
    public static void Write(string path, GreedyPolicy policy, OnnxOptions? options = null)
    {
        RequireExtension(path);
        ModelProto model = Model(policy, options);
        ReplacingFile.Write(path, stream => model.WriteTo(stream));
    }

    /// <summary>Writes a policy to a stream: a response, an archive.</summary>
    /// <param name="stream">Where to; stays open.</param>
    /// <param name="policy">What to write; it stays the caller's.</param>
    /// <param name="options">What the file computes; null for the action values alone.</param>
    /// <inheritdoc cref="Write(string, GreedyPolicy, OnnxOptions)" path="/exception"/>
    public static void Write(Stream stream, GreedyPolicy policy, OnnxOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        Model(policy, options).WriteTo(stream);
    }

    /// <summary>Writes a network's values as they are now, without noise, for an environment's observations.</summary>
    /// <param name="path">A .onnx file.</param>
    /// <param name="network">The network; it stays the caller's.</param>
    /// <param name="spec">The observations and actions that it is for.</param>
    /// <param name="options">What the file computes; null for the action values alone.</param>
    /// <inheritdoc cref="Write(string, GreedyPolicy, OnnxOptions)" path="/exception"/>
    public static void Write(string path, IQNetwork network, EnvironmentSpec spec, OnnxOptions? options = null)
    {
        using var policy = new GreedyPolicy(network, spec);
        Write(path, policy, options);
    }

    /// <summary>
    /// Writes the policy in a model file, such as <see cref="GreedyPolicy.Save"/> or a training run left. For one that does
    /// not say its observations, a PyTorch file for example, read the network by <see cref="NetworkFile"/> and say them.
    /// </summary>
    /// <param name="modelPath">A .safetensors file.</param>
    /// <param name="path">A .onnx file.</param>
    /// <param name="options">What the file computes; null for the action values alone.</param>
    /// <exception cref="InvalidDataException">
    /// It is no model file, or does not say its architecture or the observations that it is for.
    /// </exception>
    /// <inheritdoc cref="Write(string, GreedyPolicy, OnnxOptions)" path="/exception"/>
    public static void Convert(string modelPath, string path, OnnxOptions? options = null)
    {
        RequireExtension(path);
        using var policy = GreedyPolicy.Load(modelPath);
        Write(path, policy, options);
    }

    private static ModelProto Model(GreedyPolicy policy, OnnxOptions? options)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return PolicyWriter.Write(policy, options ?? new OnnxOptions());
    }

    private static void RequireExtension(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!string.Equals(Path.GetExtension(path), Extension, StringComparison.OrdinalIgnoreCase))
            throw new ArgumentException($"Expected a file named {Extension}, got '{path}'.", nameof(path));
    }
}
