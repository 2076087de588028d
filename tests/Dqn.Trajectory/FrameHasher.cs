using System.Security.Cryptography;
using Dqn.CarRacing;
using Dqn.Environments;

namespace Dqn.Trajectory;

/// <summary>Adds an episode's frames to the hashes of <see cref="TrajectoryHash"/>.</summary>
internal sealed class FrameHasher(
    CarRacingEnvironment environment, GreyCrop grey, IncrementalHash reference, IncrementalHash own)
{
    private const int Width = 96, NumberTop = 84, NumberRight = 14;

    private readonly MemoryStream _numbers = new();
    private readonly byte[] _observation = new byte[environment.Spec.ObservationBytes];
    private readonly byte[] _grey = new byte[grey.Spec.ObservationBytes];
    private readonly byte[] _render =
        new byte[CarRacingEnvironment.RenderHeight * CarRacingEnvironment.RenderWidth * 3];

    public void Add(int frame, StepResult result)
    {
        // BinaryWriter writes little-endian on every machine.
        _numbers.SetLength(0);
        var writer = new BinaryWriter(_numbers);
        var dynamics = environment.Car.Dynamics;
        Write(writer, dynamics.Hull);
        for (int i = 0; i < environment.Car.Wheels.Length; i++)
        {
            WheelState wheel = environment.Car.Wheels[i];
            Write(writer, dynamics.Wheel(i));
            writer.Write((float)dynamics.JointAngle(i));
            writer.Write(wheel.Omega);
            writer.Write(wheel.Phase);
            writer.Write(wheel.Gas);
            writer.Write(wheel.Brake);
            writer.Write(wheel.Steer);
            writer.Write(wheel.Tiles);
        }

        writer.Write(result.Reward);
        writer.Write(result.Terminated);
        writer.Write(environment.TilesVisited);
        writer.Flush();
        reference.AppendData(_numbers.GetBuffer().AsSpan(0, (int)_numbers.Length));

        if (frame % 10 == 0 || result.Ended)
        {
            environment.Observe(_observation);
            own.AppendData(_observation);
            for (int row = NumberTop; row < Width; row++)
                _observation.AsSpan(row * Width * 3, NumberRight * 3).Clear();
            reference.AppendData(_observation);
        }

        if (frame % 50 == 0)
        {
            grey.Observe(_grey);
            own.AppendData(_grey);
        }

        if (frame % 100 == 0)
        {
            environment.Render(_render);
            own.AppendData(_render);
        }
    }

    private static void Write(BinaryWriter writer, BodyState body)
    {
        writer.Write(body.X);
        writer.Write(body.Y);
        writer.Write(body.Angle);
        writer.Write(body.VelocityX);
        writer.Write(body.VelocityY);
        writer.Write(body.AngularVelocity);
    }
}
