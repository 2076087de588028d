using BenchmarkDotNet.Attributes;
using Dqn.Agents;
using Dqn.Environments;
using Dqn.Networks;
using Dqn.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Dqn.Benchmarks;

/// <summary>
/// The notebook's network on the built-in engine and on LibTorch, processor or GPU. Evaluating, fitting and learning
/// end with their results in the program's memory, so a GPU has finished when they return; LibTorch's bare passes are
/// followed by a wait for it. To be run with <c>--inProcess</c>: what the benchmarks build themselves would lack the
/// packages.
/// </summary>
public class TorchBenchmarks
{
    private const int Actions = 5;

    private DqnAgent _agent = null!;
    private byte[] _observations = null!;
    private float[] _values = null!, _targets = null!;
    private int[] _actions = null!;
    private TorchCnnActionValue? _module;
    private torch.Tensor? _inputs, _index, _goals;

    [Params(32, 256, 1024, 4096)]
    public int BatchSize { get; set; }

    [ParamsSource(nameof(Engines))]
    public string Engine { get; set; } = "";

    public static IEnumerable<string> Engines => torch.cuda.is_available()
        ? ["built-in", "LibTorch CPU", "LibTorch CUDA"]
        : ["built-in", "LibTorch CPU"];

    private torch.Device Device => new(Engine == "LibTorch CUDA" ? DeviceType.CUDA : DeviceType.CPU);

    [GlobalSetup]
    public void Build()
    {
        CnnActionValue architecture = new(4, Actions);
        Pcg64 random = new(1);
        IQNetwork network = Engine switch
        {
            "built-in" => new QNetwork(architecture, random),
            "LibTorch CPU" => new TorchQNetwork(architecture, random, device: TorchDevice.Cpu),
            _ => new TorchQNetwork(architecture, random, device: TorchDevice.Cuda),
        };
        _observations = new byte[BatchSize * network.ObservationBytes];
        new Random(1).NextBytes(_observations);
        _values = new float[BatchSize * Actions];
        _actions = [.. Enumerable.Range(0, BatchSize).Select(item => item % Actions)];
        _targets = [.. Enumerable.Range(0, BatchSize).Select(item => item % 7 / 7f)];
        FillReplay(network);
        if (Engine != "built-in")
            BuildModule();
    }

    [GlobalCleanup]
    public void Free()
    {
        _agent.Dispose();
        foreach (IDisposable? owned in new IDisposable?[] { _module, _inputs, _index, _goals })
            owned?.Dispose();
    }

    /// <summary>Bytes in, values out.</summary>
    [Benchmark]
    public void Evaluate() => _agent.Network.Evaluate(_observations, _values);

    /// <summary>Bytes in, forward, loss, backward, RMSProp, loss out.</summary>
    [Benchmark]
    public FitResult Fit() => _agent.Network.Fit(_observations, _actions, _targets, [], []);

    /// <summary>Sampling, the target network's values, fitting.</summary>
    [Benchmark]
    public LearnResult Learn()
    {
        // Else the built-in engine, which may remember them, would compute fewer and fewer target values.
        _agent.SynchronizeTarget();
        return _agent.Learn();
    }

    /// <summary>LibTorch alone: a forward pass of what lies on the device. Nothing on the built-in engine.</summary>
    [Benchmark]
    public void BareForward()
    {
        if (_module is null)
            return;
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        _module.call(_inputs!);
        Wait();
    }

    /// <summary>LibTorch alone: forward, loss, backward, what <c>loss.backward()</c> takes in PyTorch.</summary>
    [Benchmark]
    public void BareForwardBackward()
    {
        if (_module is null)
            return;
        using DisposeScope scope = NewDisposeScope();
        _module.zero_grad();
        nn.functional.mse_loss(_module.call(_inputs!).gather(1, _index!).squeeze(1), _goals!).backward();
        Wait();
    }

    private void Wait()
    {
        if (Engine == "LibTorch CUDA")
            torch.cuda.synchronize();
    }

    private void FillReplay(IQNetwork network)
    {
        int frames = BatchSize + 1000;
        EnvironmentSpec spec = new()
        {
            Name = "noise",
            ObservationShape = [4, 84, 84],
            ElementType = ElementType.Byte,
            ActionCount = Actions,
            StackedFrames = 4,
        };
        _agent = new DqnAgent(
            network, spec,
            new DqnOptions { BatchSize = BatchSize, BufferCapacity = frames, WarmupSteps = frames }, seed: 1);
        var observation = new byte[spec.ObservationBytes];
        _agent.Begin(observation);
        Random random = new(1);
        for (int i = 0; i < frames; i++)
        {
            // The stack moves on by a frame.
            observation.AsSpan(84 * 84).CopyTo(observation);
            random.NextBytes(observation.AsSpan(3 * 84 * 84));
            _agent.Observe(i % Actions, 1, terminated: false, truncated: false, observation);
        }
    }

    private void BuildModule()
    {
        using DisposeScope scope = NewDisposeScope();
        _module = new TorchCnnActionValue(4, Actions).to(Device);
        _inputs = torch.tensor(_observations).view(BatchSize, 4, 84, 84).to(ScalarType.Float32).div_(255).to(Device)
            .DetachFromDisposeScope();
        _index = torch.tensor(_actions).to(ScalarType.Int64).view(BatchSize, 1).to(Device).DetachFromDisposeScope();
        _goals = torch.tensor(_targets).to(Device).DetachFromDisposeScope();
    }
}
