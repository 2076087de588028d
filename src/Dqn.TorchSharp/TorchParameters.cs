using System.Runtime.InteropServices;
using Dqn.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Dqn.Networks;

/// <summary>
/// All parameters of a module in one flat tensor on the device, of which the module's own become views; gradients
/// likewise. So an optimizer step, a copy or a norm is a few operations rather than a few per layer, which on a GPU is
/// what such a small network's time goes into. Buffers (running statistics and the like) stay where they are.
/// </summary>
internal sealed class TorchParameters : IDisposable
{
    // In floats: a cache line, and what LibTorch's own allocations are aligned to.
    private const int Alignment = 16;

    private readonly nn.Module _module;
    private readonly Entry[] _entries;
    private readonly List<(string Name, Tensor Tensor)> _buffers;
    private Tensor? _gradients;

    /// <summary>Takes the module to the device and its parameters into <see cref="Values"/>.</summary>
    /// <exception cref="ArgumentException">No parameters, or some that are not single precision.</exception>
    public TorchParameters(nn.Module module, Device device)
    {
        _module = module;
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        module.to(device);
        var parameters = module.named_parameters().ToArray();
        long length = 0;
        _entries = new Entry[parameters.Length];
        for (int i = 0; i < parameters.Length; i++)
        {
            (string name, TorchSharp.Modules.Parameter parameter) = parameters[i];
            if (parameter.dtype != ScalarType.Float32)
            {
                throw new ArgumentException(
                    $"Parameter '{name}': expected Float32, got {parameter.dtype}.", nameof(module));
            }

            _entries[i] = new Entry(name, parameter.shape, length, parameter.numel());
            length += (_entries[i].Count + Alignment - 1) / Alignment * Alignment;
        }

        if (length is 0 or > int.MaxValue / sizeof(float))
            throw new ArgumentException($"Expected 1 … 2^29 parameters, got {length}.", nameof(module));
        Values = zeros(length, ScalarType.Float32, device).DetachFromDisposeScope();
        for (int i = 0; i < _entries.Length; i++)
        {
            Tensor view = View(Values, _entries[i]);
            view.copy_(parameters[i].parameter);
            parameters[i].parameter.set_(view);
        }

        _buffers = [.. module.named_buffers()];
    }

    /// <summary>All parameters, padding between them included.</summary>
    public Tensor Values { get; }

    /// <summary>Names, shapes and places, in the module's order, which is the state dict's.</summary>
    public IReadOnlyList<Entry> Entries => _entries;

    /// <summary>What the module keeps besides parameters.</summary>
    public IReadOnlyList<(string Name, Tensor Tensor)> Buffers => _buffers;

    /// <summary>What has to agree for two networks to exchange parameters, as <see cref="QNetwork"/> says it.</summary>
    public string Signature => field ??= string.Join(
        "; ", _entries.Select(entry => $"{entry.Name} {TorchShapes.Format(entry.Shape)}")
            .Concat(_buffers.Select(
                buffer => $"{buffer.Name} {buffer.Tensor.dtype} {TorchShapes.Format(buffer.Tensor.shape)}")));

    /// <summary>The gradients of the last fit, laid out as the parameters.</summary>
    public Tensor Gradients => _gradients ?? Values.zeros_like();

    /// <summary>The gradients, laid out as the parameters, all 0: backward passes add to them.</summary>
    public Tensor ZeroedGradients()
    {
        if (_gradients is not null)
            return _gradients.zero_();
        _gradients = zeros_like(Values).DetachFromDisposeScope();
        using DisposeScope scope = NewDisposeScope();
        int i = 0;
        foreach ((_, TorchSharp.Modules.Parameter parameter) in _module.named_parameters())
            parameter.grad = View(_gradients, _entries[i++]);
        return _gradients;
    }

    /// <summary>
    /// PyTorch's defaults: for convolutions and linear layers uniform within ± 1 / √(inputs of one output), drawn as
    /// <see cref="QNetwork"/> draws, so that the same seed gives both engines the same network. Normalisations begin as
    /// the module made them.
    /// </summary>
    /// <param name="random">Draws.</param>
    /// <param name="normalisations">Their names.</param>
    public void Initialize(Pcg64 random, ISet<string> normalisations)
    {
        float[] values = Read(Values);
        double bound = 0;
        foreach (Entry entry in _entries)
        {
            if (normalisations.Contains(entry.Name[..entry.Name.LastIndexOf('.')]))
                continue;
            if (entry.Shape.Length > 1)
                bound = 1 / Math.Sqrt(entry.Count / entry.Shape[0]);
            foreach (ref float value in values.AsSpan((int)entry.Start, (int)entry.Count))
                value = (float)random.Uniform(-bound, bound);
        }

        Write(Values, values);
    }

    /// <summary>Copies a flat tensor, parameters or alike, from the device.</summary>
    public static float[] Read(Tensor flat)
    {
        using DisposeScope scope = NewDisposeScope();
        return MemoryMarshal.Cast<byte, float>(flat.cpu().bytes).ToArray();
    }

    /// <summary>Copies a flat tensor to the device.</summary>
    public static void Write(Tensor flat, ReadOnlySpan<float> values)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        Tensor host = empty(values.Length, ScalarType.Float32);
        values.CopyTo(MemoryMarshal.Cast<byte, float>(host.bytes));
        flat.copy_(host);
    }

    public void Dispose()
    {
        foreach ((_, Tensor tensor) in _buffers)
            tensor.Dispose();
        _module.Dispose();
        _gradients?.Dispose();
        Values.Dispose();
    }

    private static Tensor View(Tensor flat, Entry entry) =>
        flat.narrow(0, entry.Start, entry.Count).view(entry.Shape);

    /// <summary>One parameter: its name, shape, and where in the flat tensor it is.</summary>
    internal sealed record Entry(string Name, long[] Shape, long Start, long Count);
}
