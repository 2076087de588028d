namespace Dqn.Environments;

/// <summary>
/// An environment that can draw itself for a person, in whatever size and colours suit: what an agent sees is
/// <see cref="IEnvironment.Observe"/>'s. Found under wrappers by <see cref="EnvironmentExtensions.Find"/>.
/// </summary>
public interface IRenderable
{
    /// <summary>Pixels per row of <see cref="Render"/>'s picture, at least 1; constant.</summary>
    int RenderWidth { get; }

    /// <summary>Rows of <see cref="Render"/>'s picture, at least 1; constant.</summary>
    int RenderHeight { get; }

    /// <summary>Draws the current state. Changes nothing: calling it or not gives the same episode.</summary>
    /// <param name="rgb">Destination, [<see cref="RenderHeight"/>, <see cref="RenderWidth"/>, 3], rows from the top.</param>
    /// <exception cref="ArgumentException">The span has another length.</exception>
    /// <exception cref="InvalidOperationException">Called before the first <see cref="IEnvironment.Reset"/>.</exception>
    void Render(Span<byte> rgb);
}
