namespace Dqn.Media;

/// <summary>How an <see cref="AnimatedImageSink"/> makes its file.</summary>
public sealed record AnimatedImageOptions
{
    /// <summary>How often the film is played, 0 to 65,535; 0, the default: for ever.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not from 0 to 65,535.</exception>
    public int Loops
    {
        get;
        init
        {
            if (value is < 0 or > ushort.MaxValue)
                throw new ArgumentOutOfRangeException(nameof(Loops), value, "Expected 0 to 65,535 loops.");
            field = value;
        }
    }

    /// <summary>
    /// WebP only: null, the default, for lossless pictures; 0 (small) to 100 (good) for lossy ones.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Not from 0 to 100.</exception>
    public int? Quality
    {
        get;
        init
        {
            if (value is < 0 or > 100)
                throw new ArgumentOutOfRangeException(nameof(Quality), value, "Expected a quality from 0 to 100.");
            field = value;
        }
    }
}
