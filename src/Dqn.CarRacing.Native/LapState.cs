namespace Dqn.CarRacing.Native;

/// <summary>What became of a lap.</summary>
internal enum LapState : byte
{
    /// <summary>It goes on.</summary>
    Running,

    /// <summary>It is finished.</summary>
    Finished,

    /// <summary>The car has left the playfield.</summary>
    Left,
}
