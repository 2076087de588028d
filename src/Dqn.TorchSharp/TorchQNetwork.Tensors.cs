using System.Runtime.InteropServices;
using Dqn.Agents;
using TorchSharp;
using static TorchSharp.torch;

namespace Dqn.Networks;

/// <content>The same on tensors that are on the device already.</content>
public sealed partial class TorchQNetwork
{
    /// <summary>Where it computes.</summary>
    internal Device Device { get; }

    /// <summary>What is made of the outputs.</summary>
    internal TorchDistributions Distributions { get; }

    /// <summary>A way for observations to the device.</summary>
    internal TorchTransfer MakeTransfer() =>
        new(Device, _observationShape.Select(axis => (long)axis), _pixels);

    /// <summary>Observations of whatever shape as [batch, observation shape].</summary>
    internal Tensor Shaped(Tensor observations, long batch) =>
        observations.view([batch, .. _observationShape.Select(axis => (long)axis)]);

    /// <summary>
    /// The module's outputs [batch, actions, atoms], their shape checked.
    /// </summary>
    /// <param name="observations">[batch, observation shape], scaled.</param>
    /// <param name="training">Whether the module is to train or to evaluate.</param>
    internal Tensor Forward(Tensor observations, bool training)
    {
        // Our own modules do the same in both.
        if (_training != training && Architecture is null)
            _module.train(_training = training);
        long batch = observations.shape[0], length = (long)ActionCount * Distribution.Atoms;
        Tensor outputs = _module.call(observations);
        if (outputs.shape is not [var items, var features] || items != batch || features != length)
        {
            throw new InvalidOperationException(
                $"Expected the module to give [{batch}, {length}], got {TorchShapes.Format(outputs.shape)}.");
        }

        return outputs.reshape(batch, ActionCount, Distribution.Atoms);
    }

    /// <summary>One step towards targets.</summary>
    /// <param name="observations">[batch, observation shape], scaled.</param>
    /// <param name="actions">[batch], indices.</param>
    /// <param name="targets">[batch, atoms].</param>
    /// <param name="weights">[batch], or null for all 1.</param>
    /// <returns>What was found, on the device, to be taken over by <see cref="Read(Tensor, Span{float})"/>.</returns>
    internal Tensor FitTowards(Tensor observations, Tensor actions, Tensor targets, Tensor? weights)
    {
        Tensor outputs = Forward(observations, training: true);
        Tensor index = actions.view(-1, 1, 1).expand(-1, 1, outputs.shape[2]);
        Tensor taken = outputs.gather(1, index).squeeze(1), losses = Distributions.Losses(taken, targets);
        Tensor values = Distributions.Means(Distributions.Describe(taken.detach()));
        Tensor targetValues = Distributions.Means(targets);
        Tensor loss = (weights is null ? losses : losses * weights).mean();
        Tensor? norm = Step(loss);
        using IDisposable noGradient = no_grad();
        Tensor errors = targetValues - values, meanValue = values.mean().reshape(1);
        return norm is null
            ? cat([loss.reshape(1), meanValue, errors])
            : cat([loss.reshape(1), meanValue, norm.reshape(1), errors]);
    }

    /// <summary>Waits for what a step found and brings it here.</summary>
    /// <param name="found">What <see cref="FitTowards"/> returned.</param>
    /// <param name="tdErrors">Destination, [batch], or empty.</param>
    internal LearnResult Read(Tensor found, Span<float> tdErrors)
    {
        FitResult fit = Read(found, out ReadOnlySpan<float> errors);
        if (!tdErrors.IsEmpty)
            errors.CopyTo(tdErrors);
        return LearnResult.Of(fit, errors);
    }

    private FitResult Read(Tensor found, out ReadOnlySpan<float> errors)
    {
        var received = new float[found.numel()];
        Receive(found, received);
        bool hasNorm = double.IsFinite(Options.MaxGradientNorm);
        errors = received.AsSpan(hasNorm ? 3 : 2);
        return new FitResult(received[0], received[1], hasNorm ? received[2] : null);
    }

    /// <summary>Backward, clipping, optimizer. The gradient's norm where it was computed.</summary>
    private Tensor? Step(Tensor loss)
    {
        TorchOptimizer optimizer = RequireOptimizer();
        Tensor gradients = _parameters.ZeroedGradients();
        loss.backward();
        using IDisposable noGradient = no_grad();
        Tensor? norm = null;
        if (double.IsFinite(Options.MaxGradientNorm))
        {
            // As clip_grad_norm_: 10⁻⁶ keeps a zero gradient from dividing by zero.
            norm = gradients.norm();
            using Scalar max = Options.MaxGradientNorm, tiny = 1e-6, one = 1;
            gradients.mul_((norm + tiny).reciprocal_().mul_(max).clamp_max_(one));
        }

        optimizer.Step(LearningRate, gradients, _parameters.Values);
        return norm;
    }

    /// <summary>
    /// Copies a tensor of single precision here: the one point at which this thread waits for a GPU.
    /// </summary>
    private static void Receive(Tensor tensor, Span<float> destination)
    {
        using DisposeScope scope = NewDisposeScope();
        MemoryMarshal.Cast<byte, float>(tensor.contiguous().cpu().bytes).CopyTo(destination);
    }
}
