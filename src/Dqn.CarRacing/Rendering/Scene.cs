namespace Dqn.CarRacing;

/// <summary>
/// Everything a frame shows. The environment owns one, keeps it up to date and hands it to the renderer;
/// filling it allocates nothing within an episode.
/// </summary>
internal sealed class Scene
{
    /// <summary>The road, set by <see cref="Begin"/>.</summary>
    public Track Track { get; private set; } = new([]);

    /// <summary>
    /// By tile: whether a part of the car has begun or ended a touch, which takes the tile's own shade from it. The
    /// first <see cref="Track"/> length entries count.
    /// </summary>
    public bool[] TouchedTiles { get; private set; } = [];

    /// <summary>The road's colour; tiles that nothing touched yet are 0, 2.55 or 5.1 brighter in turn.</summary>
    public SceneColor RoadColor { get; set; } = SceneColor.DefaultRoad;

    /// <summary>The ground of the playfield.</summary>
    public SceneColor BackgroundColor { get; set; } = SceneColor.DefaultBackground;

    /// <summary>The squares of grass on it.</summary>
    public SceneColor GrassColor { get; set; } = SceneColor.DefaultGrass;

    /// <summary>The hull; its position and angle are the camera's.</summary>
    public BodyState Hull { get; set; }

    /// <summary>The wheels: front left, front right, rear left, rear right.</summary>
    public BodyState[] Wheels { get; } = new BodyState[4];

    /// <summary>How fast each wheel turns, radians per second.</summary>
    public double[] WheelOmega { get; } = new double[4];

    /// <summary>How far each wheel has turned, radians.</summary>
    public double[] WheelPhase { get; } = new double[4];

    /// <summary>The front left wheel's joint angle, radians.</summary>
    public float SteeringAngle { get; set; }

    /// <summary>The episode's return so far, for the number at the bottom left.</summary>
    public double Reward { get; set; }

    /// <summary>Seconds since the reset, summed in steps of 1/50; the camera zooms in during the first.</summary>
    public double Time { get; set; }

    /// <summary>What sliding wheels left behind, oldest first; shown in the large render only.</summary>
    public IReadOnlyList<SkidMark> SkidMarks { get; set; } = [];

    /// <summary>Starts an episode: another track, no tile touched.</summary>
    public void Begin(Track track)
    {
        Track = track;
        int count = track.Tiles.Length;
        if (TouchedTiles.Length < count)
            TouchedTiles = new bool[count];
        else
            Array.Clear(TouchedTiles);
    }
}
