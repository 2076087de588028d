namespace Dqn.Media;

/// <summary>A colour.</summary>
/// <param name="R">Red, 0 … 255.</param>
/// <param name="G">Green, 0 … 255.</param>
/// <param name="B">Blue, 0 … 255.</param>
public readonly record struct RgbColor(byte R, byte G, byte B)
{
    /// <summary>As CSS writes it: "#1f5fbf".</summary>
    public override string ToString() => $"#{R:x2}{G:x2}{B:x2}";
}
