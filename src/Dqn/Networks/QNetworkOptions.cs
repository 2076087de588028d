using Dqn.Values;

namespace Dqn.Networks;

/// <summary>How a <see cref="QNetwork"/> learns and computes. The defaults are the notebook's.</summary>
public sealed record QNetworkOptions
{
    /// <summary>The optimizer. Default <see cref="RmsPropOptions"/> with a learning rate of 0.00025.</summary>
    /// <exception cref="ArgumentNullException">Null.</exception>
    public OptimizerOptions Optimizer
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(Optimizer));
    } = new RmsPropOptions();

    /// <summary>The loss. Default <see cref="Loss.MeanSquared"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not a member of <see cref="Values.Loss"/>.</exception>
    public Loss Loss
    {
        get;
        init => field = Enum.IsDefined(value)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(Loss), value, "Loss: unknown.");
    }

    /// <summary>
    /// The L2 norm over all parameters that a longer gradient is shortened to, as
    /// <c>torch.nn.utils.clip_grad_norm_</c>; above 0. Default infinite: no clipping, and the norm is not computed.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Not above 0.</exception>
    public double MaxGradientNorm
    {
        get;
        init => field = value > 0
            ? value
            : throw new ArgumentOutOfRangeException(nameof(MaxGradientNorm), value,
                "MaxGradientNorm: expected above 0.");
    } = double.PositiveInfinity;

    /// <summary>
    /// How many threads compute at most, the caller's included; 0, the default, means one per processor. Never more than
    /// the processors that the process may use, nor more than get some; the results are the same.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 0 or above 1024.</exception>
    public int Threads
    {
        get;
        init => field = value is >= 0 and <= 1024
            ? value
            : throw new ArgumentOutOfRangeException(nameof(Threads), value, "Threads: expected 0 … 1024.");
    }

    /// <summary>
    /// Which vector instructions to use; for tests and bug reports. Default <see cref="InstructionSet.Best"/>.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Not a member of <see cref="Networks.InstructionSet"/>.</exception>
    public InstructionSet InstructionSet
    {
        get;
        init => field = Enum.IsDefined(value)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(InstructionSet), value, "InstructionSet: unknown.");
    }
}
