using System.Globalization;
using Dqn.Environments;

namespace Dqn.Tests.Dashboards;

/// <summary>
/// A dot to be caught by moving left or right: 24 × 24 grey pixels for the agent, 60 × 40 in colour for people. Counts how
/// often it is drawn, and can take its time or fail.
/// </summary>
internal sealed class Chase : IEnvironment, IRenderable
{
    public const int Side = 24, Width = 60, Height = 40;

    private int _dot, _cursor, _steps;
    private ulong _random = 1;

    public EnvironmentSpec Spec { get; } = new()
    {
        Name = "Chase",
        ObservationShape = [Side, Side],
        ElementType = ElementType.Byte,
        ActionCount = 3,
    };

    /// <summary>How long a step takes.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>Whether drawing for people fails.</summary>
    public bool Fails { get; init; }

    /// <summary>How often people's picture was drawn.</summary>
    public int Drawn { get; private set; }

    public int RenderWidth => Width;

    public int RenderHeight => Height;

    public bool CanSaveState => true;

    public void Reset(ulong? seed = null)
    {
        _random = (seed ?? _random) * 6364136223846793005 + 1442695040888963407;
        (_dot, _cursor, _steps) = ((int)(_random >> 33) % Side, Side / 2, 0);
    }

    public StepResult Step(int action)
    {
        if (Delay > TimeSpan.Zero)
            Thread.Sleep(Delay);
        _cursor = Math.Clamp(_cursor + action - 1, 0, Side - 1);
        _steps++;
        return new StepResult(_cursor == _dot ? 1 : -0.05, _cursor == _dot, _steps == 30);
    }

    public void Observe(Span<byte> observation)
    {
        observation.Clear();
        for (int y = 0; y < 6; y++)
        {
            observation[y * Side + _dot] = 255;
            observation[(Side - 1 - y) * Side + _cursor] = 180;
        }
    }

    public void Render(Span<byte> rgb)
    {
        if (Fails)
            throw new InvalidOperationException("the pen is dry");
        Drawn++;
        for (int i = 0; i < Width * Height; i++)
        {
            int x = i % Width * Side / Width, y = i / Width;
            bool dot = x == _dot && y < Height / 2, cursor = x == _cursor && y >= Height / 2;
            (rgb[3 * i], rgb[3 * i + 1], rgb[3 * i + 2]) = dot ? ((byte)230, (byte)120, (byte)30)
                : cursor ? ((byte)40, (byte)110, (byte)220) : ((byte)236, (byte)240, (byte)244);
        }
    }

    public void SaveState(BinaryWriter writer)
    {
        writer.Write(string.Create(CultureInfo.InvariantCulture, $"{_dot} {_cursor} {_steps} {_random}"));
    }

    public void LoadState(BinaryReader reader)
    {
        string[] parts = reader.ReadString().Split(' ');
        (_dot, _cursor, _steps) = (Number(0), Number(1), Number(2));
        _random = ulong.Parse(parts[3], CultureInfo.InvariantCulture);

        int Number(int i) => int.Parse(parts[i], CultureInfo.InvariantCulture);
    }

    public void Dispose()
    {
    }
}
