namespace Dqn.Networks;

/// <summary>What a <see cref="TorchQNetwork"/> has to be told about LibTorch, beside <see cref="QNetworkOptions"/>.</summary>
public sealed record TorchOptions
{
    /// <summary>
    /// Whether a GPU may multiply matrices and convolve with TensorFloat-32: faster on tensor cores, but factors are
    /// rounded to 10 bits behind the point in place of 23, so that results agree with other engines' to three digits
    /// only. Counts for the whole process: the network made last decides. Default false, for convolutions too, which
    /// LibTorch by itself would round.
    /// </summary>
    public bool AllowTf32 { get; init; }

    /// <summary>
    /// Whether an agent's updates keep a copy of the replay buffer's frames on the device: each frame then goes there
    /// once, and a batch as its frames' places. It takes <see cref="Agents.DqnOptions.BufferCapacity"/> frames of
    /// memory: 706 MB for 100,000 of 84 × 84 pixels. Null, the default: on a GPU, where they fit with 256 MB to spare.
    /// False: batches are sent whole. True: also on the processor; where they do not fit, making the agent fails.
    /// </summary>
    public bool? FramesOnDevice { get; init; }

    /// <summary>
    /// Whether updates return what the one before found, unless TD errors are wanted; null: on a GPU, which need not be
    /// waited for then.
    /// </summary>
    internal bool? LateResults { get; init; }
}
