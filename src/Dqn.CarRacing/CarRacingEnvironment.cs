using System.Text.Json.Nodes;
using Dqn.CarRacing.Training;
using Dqn.Environments;
using Dqn.Randomness;

namespace Dqn.CarRacing;

/// <summary>
/// Gymnasium's CarRacing-v3: drive a lap of a random track, seen from above. For the same seed and actions it has the
/// same track, car, rewards and pixels as Gymnasium 1.4.0 on Box2D 2.3.
/// Observation: [96, 96, 3] RGB bytes. Actions: 0 nothing, 1 right, 2 left, 3 gas, 4 brake, or another table
/// (<see cref="CarRacingOptions.Actions"/>); or <see cref="CarControls"/>.
/// Reward: 1000 / tiles for each tile a wheel visits first, −0.1 a frame, and −100 for the frame that leaves the
/// playfield. The episode ends there or with the lap; Gymnasium's <c>make</c> adds a limit of 1000 frames, here
/// <see cref="TimeLimit"/>.
/// </summary>
public sealed class CarRacingEnvironment : IEnvironment, IGreyView, IRenderable
{
    /// <summary>Columns of <see cref="Render"/>'s picture.</summary>
    public const int RenderWidth = 600;

    /// <summary>Rows of <see cref="Render"/>'s picture.</summary>
    public const int RenderHeight = 400;

    private const double Playfield = 2000 / 6.0;
    private const double SecondsPerFrame = 1.0 / 50;

    private readonly CarRacingOptions _options;
    private readonly Pcg64 _random = new();
    private readonly Scene _scene = new();
    private readonly Lap _lap;
    private readonly IEpisodeStart? _start;

    // Made for the first picture: whoever only steps does without its surface.
    private FrameRenderer? _renderer;

    // Kept for whoever shapes rewards by it; the task itself does without.
    private LapProgress? _progress;
    private EpisodePhase _phase = EpisodePhase.New;
    private double _previousScore;
    private double _time;

    /// <summary>A new environment; call <see cref="Reset(ulong?)"/> before anything else.</summary>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="dynamics">
    /// The rigid bodies, used by this environment alone; null for the ones that reproduce Box2D 2.3 exactly.
    /// </param>
    /// <param name="start">Where episodes begin; null for the first tile, as in Gymnasium.</param>
    public CarRacingEnvironment(
        CarRacingOptions? options = null, ICarDynamics? dynamics = null, IEpisodeStart? start = null)
    {
        (_options, _start) = (options ?? new CarRacingOptions(), start);
        _lap = new Lap(_options.LapCompletePercent, _options.LapEndsOnPercentage);
        Car = new Car(dynamics ?? new ExactCarDynamics());
        Spec = new EnvironmentSpec
        {
            Name = _options.LapTruncates ? "CarRacing-v2" : "CarRacing-v3",
            ObservationShape = [96, 96, 3],
            ElementType = ElementType.Byte,
            ActionCount = _options.Actions.Count,
        };
        if (_options.DomainRandomize)
            DrawColors();
    }

    /// <inheritdoc/>
    public EnvironmentSpec Spec { get; }

    /// <inheritdoc/>
    public bool CanSaveState => Car.Dynamics.CanSaveState;

    /// <summary>The spec, the options, the dynamics, and where episodes begin.</summary>
    public JsonObject Describe()
    {
        JsonObject description = EnvironmentDescription.Of(this);
        description["options"] = _options.Describe();
        description["dynamics"] = Car.Dynamics.GetType().Name;
        description["start"] = _start?.Describe();
        return description;
    }

    /// <summary>The road of this episode.</summary>
    /// <exception cref="InvalidOperationException">Called before the first <see cref="Reset(ulong?)"/>.</exception>
    public Track Track
    {
        get
        {
            _phase.ThrowIfNew(Spec, nameof(Track));
            return _scene.Track;
        }
    }

    /// <summary>The car.</summary>
    public Car Car { get; }

    /// <summary>How many tiles the wheels have visited in this episode.</summary>
    public int TilesVisited => _lap.Visited;

    /// <summary>Whether the lap is finished; see <see cref="CarRacingOptions.LapCompletePercent"/>.</summary>
    public bool IsLapFinished => _lap.Finished;

    /// <summary>
    /// The number in the picture: the rewards so far, those of the frame that <see cref="Reset(ulong?)"/> makes
    /// included, without the −100 for leaving the playfield.
    /// </summary>
    public double Score { get; private set; }

    /// <inheritdoc/>
    public void Reset(ulong? seed = null) => Reset(seed, true);

    /// <summary>Starts a new episode, with the colours of the last one if wanted.</summary>
    /// <param name="seed">As in <see cref="Reset(ulong?)"/>.</param>
    /// <param name="randomizeColors">
    /// Whether new colours are drawn (Gymnasium's <c>options={"randomize": …}</c>). Without effect unless
    /// <see cref="CarRacingOptions.DomainRandomize"/> is on.
    /// </param>
    public void Reset(ulong? seed, bool randomizeColors)
    {
        if (seed is { } value)
            _random.Seed(value);
        if (_options.DomainRandomize && randomizeColors)
            DrawColors();
        var track = Track.Generate(_random);
        Begin(track, _start?.Draw(track, _random));

        // The reference shows the world after one frame without a driver. Its visits count towards the score, so that
        // the first step's reward holds them.
        Advance();
        _phase = EpisodePhase.Running;
    }

    /// <inheritdoc/>
    public StepResult Step(int action)
    {
        Spec.ThrowIfNotAnAction(action);
        _phase.ThrowIfNotRunning(Spec);
        CarControls controls = _options.Actions[action];
        return Drive(0 - controls.Steer, controls.Gas, controls.Brake);
    }

    /// <summary>Applies continuous controls for one frame.</summary>
    /// <param name="controls">Steering, gas and brake.</param>
    /// <exception cref="ArgumentOutOfRangeException">A control is out of its range, or not a number.</exception>
    /// <exception cref="InvalidOperationException">
    /// Called before <see cref="Reset(ulong?)"/> or after the episode's end.
    /// </exception>
    public StepResult Step(CarControls controls)
    {
        controls.Validate();
        _phase.ThrowIfNotRunning(Spec);
        return Drive(-controls.Steer, controls.Gas, controls.Brake);
    }

    /// <inheritdoc/>
    public void Observe(Span<byte> observation)
    {
        Spec.ThrowIfNotAnObservation(observation);
        _phase.ThrowIfNew(Spec, nameof(Observe));
        Renderer().Render96(_scene, observation);
    }

    bool IGreyView.CanObserveGrey(int top, int left, int height, int width) =>
        (top, left, height, width) == (0, 6, 84, 84);

    void IGreyView.ObserveGrey(Span<byte> grey)
    {
        _phase.ThrowIfNew(Spec, nameof(Observe));
        Renderer().RenderGrey84(_scene, grey);
    }

    int IRenderable.RenderWidth => RenderWidth;

    int IRenderable.RenderHeight => RenderHeight;

    /// <summary>Draws the larger picture with skid marks: Gymnasium's <c>render_mode="rgb_array"</c>.</summary>
    /// <param name="rgb">Destination, [<see cref="RenderHeight"/>, <see cref="RenderWidth"/>, 3].</param>
    /// <exception cref="ArgumentException">The span has another length.</exception>
    /// <exception cref="InvalidOperationException">Called before the first <see cref="Reset(ulong?)"/>.</exception>
    public void Render(Span<byte> rgb)
    {
        if (rgb.Length != RenderHeight * RenderWidth * 3)
        {
            throw new ArgumentException(
                $"Expected a span of {RenderHeight * RenderWidth * 3} bytes for [400, 600, 3], got {rgb.Length} bytes.",
                nameof(rgb));
        }

        _phase.ThrowIfNew(Spec, nameof(Render));
        Renderer().Render600x400(_scene, rgb);
    }

    /// <inheritdoc/>
    public void SaveState(BinaryWriter writer)
    {
        if (!CanSaveState)
            throw new NotSupportedException($"{Spec.Name}: {Car.Dynamics.GetType().Name} cannot save its state.");
        _random.SaveState(writer);
        _scene.RoadColor.Save(writer);
        _scene.BackgroundColor.Save(writer);
        _scene.GrassColor.Save(writer);
        writer.Write((byte)_phase);
        if (_phase == EpisodePhase.New)
            return;
        Track.Save(writer);
        Car.SaveState(writer);
        _lap.Save(writer);
        _progress?.Save(writer);
        foreach (bool touched in _scene.TouchedTiles.AsSpan(0, Track.Tiles.Length))
            writer.Write(touched);
        writer.Write(Score);
        writer.Write(_previousScore);
        writer.Write(_time);
    }

    /// <inheritdoc/>
    public void LoadState(BinaryReader reader)
    {
        if (!CanSaveState)
            throw new NotSupportedException($"{Spec.Name}: {Car.Dynamics.GetType().Name} cannot load a state.");
        _phase = EpisodePhase.New;
        _random.LoadState(reader);
        _scene.RoadColor = SceneColor.Load(reader);
        _scene.BackgroundColor = SceneColor.Load(reader);
        _scene.GrassColor = SceneColor.Load(reader);
        var phase = EpisodePhases.Read(reader);
        if (phase == EpisodePhase.New)
            return;
        Begin(Track.Load(reader), start: null);
        Car.LoadState(reader);
        _lap.Load(reader);
        _progress?.Load(reader);
        foreach (ref bool touched in _scene.TouchedTiles.AsSpan(0, _scene.Track.Tiles.Length))
            touched = reader.ReadBoolean();
        Score = reader.ReadDouble();
        _previousScore = reader.ReadDouble();
        _time = reader.ReadDouble();
        if (!double.IsFinite(Score + _previousScore) || !(_time >= 0))
            throw new InvalidDataException($"{Spec.Name} state: expected finite rewards and a time of at least 0.");
        _phase = phase;
    }

    /// <summary>Holds nothing.</summary>
    public void Dispose()
    {
    }

    /// <summary>Keeps the progress from now on; made once, for all who ask.</summary>
    internal LapProgress FollowProgress() => _progress ??= new LapProgress(_lap);

    private void Begin(Track track, EpisodeStart? start)
    {
        int tiles = track.Tiles.Length, first = start?.FirstTile ?? 0, end = start?.EndTile ?? tiles;
        if (first < 0 || first >= end || end > tiles)
        {
            throw new InvalidOperationException(
                $"{Spec.Name}: expected an episode's start with tiles to visit between 0 and {tiles}, got {first} … {end}.");
        }

        _scene.Begin(track);
        Car.Reset(track, start?.Pose);
        _lap.Begin(tiles, first, end);
        _progress?.Begin(first, end);
        (Score, _previousScore, _time) = (0, 0, 0);
        if (start is null)
            return;

        // As if the car had driven to that tile; the camera has zoomed in long since.
        for (int i = 0; i < tiles; i++)
            _scene.TouchedTiles[i] = _lap.IsVisited(i);
        _time = 1;
    }

    private StepResult Drive(double steer, double gas, double brake)
    {
        Car.Steer(steer);
        Car.Gas(gas);
        Car.Brake(brake);
        Advance();

        Score -= 0.1;
        double reward = Score - _previousScore;
        _previousScore = Score;
        bool terminated = _lap.Finished && !_options.LapTruncates;
        bool truncated = _lap.Finished && _options.LapTruncates;
        var hull = Car.Dynamics.Hull;
        if (Math.Abs((double)hull.X) > Playfield || Math.Abs((double)hull.Y) > Playfield)
        {
            terminated = true;
            reward = -100;
        }

        var result = new StepResult(reward, terminated, truncated);
        if (result.Ended)
            _phase = EpisodePhase.Ended;
        return result;
    }

    private void Advance()
    {
        Car.Step();
        foreach (var contact in Car.Contacts)
        {
            // Whatever part touches a tile, coming or going, takes the tile's own shade from it; only wheels visit.
            _scene.TouchedTiles[contact.Tile] = true;
            if (contact is not { Begin: true, Body: > 0 })
                continue;
            bool first = _lap.Visit(contact.Tile);
            _progress?.Visit(contact.Tile, first);
            if (first)
                Score += 1000.0 / _lap.Tiles;
        }

        _time += SecondsPerFrame;
    }

    private void DrawColors()
    {
        _scene.RoadColor = DrawColor();
        _scene.BackgroundColor = DrawColor();
        var grass = _scene.BackgroundColor;
        _scene.GrassColor = _random.Integer(3) switch
        {
            0 => grass with { Red = grass.Red + 20 },
            1 => grass with { Green = grass.Green + 20 },
            _ => grass with { Blue = grass.Blue + 20 },
        };

        SceneColor DrawColor() => new(_random.Uniform(0, 210), _random.Uniform(0, 210), _random.Uniform(0, 210));
    }

    // The scene is brought up to date for a picture only.
    private FrameRenderer Renderer()
    {
        var dynamics = Car.Dynamics;
        _scene.Hull = dynamics.Hull;
        for (int i = 0; i < _scene.Wheels.Length; i++)
        {
            _scene.Wheels[i] = dynamics.Wheel(i);
            _scene.WheelOmega[i] = Car.Wheels[i].Omega;
            _scene.WheelPhase[i] = Car.Wheels[i].Phase;
        }

        _scene.SteeringAngle = dynamics.JointAngle(0);
        _scene.Reward = Score;
        _scene.Time = _time;
        _scene.SkidMarks = Car.SkidMarks;
        return _renderer ??= new FrameRenderer();
    }
}
