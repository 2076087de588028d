using System.Runtime.InteropServices;
using Dqn.Agents;
using Dqn.Onnx;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Dqn.Tests.Onnx;

/// <summary>An exported model, run by ONNX Runtime, which checks it when it is loaded.</summary>
internal sealed class Served : IDisposable
{
    private readonly InferenceSession _session;
    private readonly bool _bytes;
    private readonly int[] _shape;

    private Served(InferenceSession session)
    {
        _session = session;
        NodeMetadata observation = session.InputMetadata[OnnxNames.Observation];
        _bytes = observation.ElementDataType == TensorElementType.UInt8;
        _shape = observation.Dimensions[1..];
    }

    public ModelMetadata Metadata => _session.ModelMetadata;

    public IReadOnlyDictionary<string, NodeMetadata> Inputs => _session.InputMetadata;

    public IReadOnlyDictionary<string, NodeMetadata> Outputs => _session.OutputMetadata;

    public static Served Of(GreedyPolicy policy, OnnxOptions? options = null)
    {
        using var stream = new MemoryStream();
        OnnxFile.Write(stream, policy, options);
        return Of(stream.ToArray());
    }

    public static Served Of(byte[] model)
    {
        using var options = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1 };
        return new Served(new InferenceSession(model, options));
    }

    public float[] Values(ReadOnlySpan<byte> observations, int batch) => Ask<float>(OnnxNames.ActionValues, observations, batch);

    public int Act(ReadOnlySpan<byte> observation) => (int)Ask<long>(OnnxNames.Action, observation, 1)[0];

    public T[] Ask<T>(string output, ReadOnlySpan<byte> observations, int batch, bool[]? legal = null)
    {
        int[] shape = [batch, .. _shape];
        List<NamedOnnxValue> inputs =
        [
            _bytes
                ? NamedOnnxValue.CreateFromTensor(OnnxNames.Observation, new DenseTensor<byte>(observations.ToArray(), shape))
                : NamedOnnxValue.CreateFromTensor(
                    OnnxNames.Observation, new DenseTensor<float>(MemoryMarshal.Cast<byte, float>(observations).ToArray(), shape)),
        ];
        if (legal is not null)
            inputs.Add(NamedOnnxValue.CreateFromTensor(OnnxNames.LegalActions, new DenseTensor<bool>(legal, [batch, legal.Length / batch])));
        using IDisposableReadOnlyCollection<DisposableNamedOnnxValue> outputs = _session.Run(inputs, [output]);
        return [.. outputs[0].AsTensor<T>()];
    }

    public void Dispose() => _session.Dispose();
}
