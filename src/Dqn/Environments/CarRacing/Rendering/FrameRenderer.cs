namespace Dqn.Environments.CarRacing;

/// <summary>Draws scenes as Gymnasium's CarRacing does, byte for byte but for the score's font.</summary>
internal sealed class FrameRenderer
{
    /// <summary>Bytes of an observation: 96 × 96 × 3.</summary>
    public const int ObservationBytes = 96 * 96 * 3;

    /// <summary>Bytes of a large render: 400 rows × 600 columns × 3.</summary>
    public const int LargeBytes = 400 * 600 * 3;

    private readonly SurfaceRenderer _surface = new();

    /// <summary>The 96 × 96 observation.</summary>
    /// <param name="scene">What to draw.</param>
    /// <param name="rgb">Destination, [96, 96, 3].</param>
    public void Render96(Scene scene, Span<byte> rgb) =>
        SmoothScale.Shrink(_surface.Render(scene, skidMarks: false), 96, 96, rgb);

    /// <summary>The 600 × 400 render with skid marks.</summary>
    /// <param name="scene">What to draw.</param>
    /// <param name="rgb">Destination, [400, 600, 3].</param>
    public void Render600x400(Scene scene, Span<byte> rgb) =>
        SmoothScale.Shrink(_surface.Render(scene, skidMarks: true), 600, 400, rgb);
}
