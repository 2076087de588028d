using System.Runtime.InteropServices;
using Dqn.Networks;
using Dqn.Randomness;
using Dqn.Serialization;

namespace Dqn.Tests.Training;

/// <summary>A network of one layer with momentum, so that training is tested apart from the engine.</summary>
internal sealed class LinearQNetwork : IQNetwork
{
    private const float Momentum = 0.9f;
    private readonly bool _pixels;
    private readonly int _features;
    private readonly float[] _weights;
    private readonly float[] _velocity;

    public LinearQNetwork(int observationBytes, int actions, bool pixels, ulong seed)
    {
        (ObservationBytes, ActionCount, _pixels) = (observationBytes, actions, pixels);
        _features = pixels ? observationBytes : observationBytes / 4;
        (_weights, _velocity) = (new float[actions * _features], new float[actions * _features]);
        var random = new Pcg64(seed);
        foreach (ref float weight in _weights.AsSpan())
            weight = (float)random.Uniform(-0.1, 0.1);
    }

    public int ObservationBytes { get; }

    public int ActionCount { get; }

    public bool IsBatchInvariant => true;

    public double LearningRate { get; set; } = 0.01f;

    public void Evaluate(ReadOnlySpan<byte> observations, Span<float> values)
    {
        for (int item = 0; item < observations.Length / ObservationBytes; item++)
            for (int action = 0; action < ActionCount; action++)
                values[item * ActionCount + action] = Value(Item(observations, item), action);
    }

    public FitResult Fit(
        ReadOnlySpan<byte> observations, ReadOnlySpan<int> actions, ReadOnlySpan<float> targets,
        ReadOnlySpan<float> weights, Span<float> tdErrors)
    {
        float loss = 0, mean = 0;
        for (int item = 0; item < actions.Length; item++)
        {
            float value = Value(Item(observations, item), actions[item]);
            tdErrors[item] = targets[item] - value;
            (loss, mean) = (loss + tdErrors[item] * tdErrors[item], mean + value);
        }

        for (int i = 0; i < _velocity.Length; i++)
            _velocity[i] *= Momentum;
        for (int item = 0; item < actions.Length; item++)
        {
            float step = (float)LearningRate * tdErrors[item] / actions.Length;
            for (int i = 0; i < _features; i++)
                _velocity[actions[item] * _features + i] += step * Feature(Item(observations, item), i);
        }

        for (int i = 0; i < _velocity.Length; i++)
            _weights[i] += _velocity[i];
        return new FitResult(loss / actions.Length, mean / actions.Length, null);
    }

    public IQNetwork Clone()
    {
        var clone = new LinearQNetwork(ObservationBytes, ActionCount, _pixels, 0);
        clone.CopyParametersFrom(this);
        return clone;
    }

    public void CopyParametersFrom(IQNetwork source) => ((LinearQNetwork)source)._weights.CopyTo(_weights, 0);

    public StateDict GetStateDict()
    {
        var dict = new StateDict();
        dict.Add("fc.weight", Tensor.FromSingles(_weights, ActionCount, _features));
        return dict;
    }

    public void LoadStateDict(StateDict stateDict) =>
        MemoryMarshal.Cast<byte, float>(stateDict["fc.weight"].Data).CopyTo(_weights);

    public void SaveState(BinaryWriter writer)
    {
        writer.Write(MemoryMarshal.AsBytes(_weights.AsSpan()));
        writer.Write(MemoryMarshal.AsBytes(_velocity.AsSpan()));
    }

    public void LoadState(BinaryReader reader)
    {
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(_weights.AsSpan()));
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(_velocity.AsSpan()));
    }

    public void Dispose()
    {
    }

    private ReadOnlySpan<byte> Item(ReadOnlySpan<byte> observations, int item) =>
        observations.Slice(item * ObservationBytes, ObservationBytes);

    private float Value(ReadOnlySpan<byte> observation, int action)
    {
        float sum = 0;
        for (int i = 0; i < _features; i++)
            sum += _weights[action * _features + i] * Feature(observation, i);
        return sum;
    }

    private float Feature(ReadOnlySpan<byte> observation, int i) =>
        _pixels ? observation[i] / 255f : MemoryMarshal.Read<float>(observation[(i * 4)..]);
}
