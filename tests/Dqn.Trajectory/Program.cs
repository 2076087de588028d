using System.Runtime.Intrinsics;
using Dqn.Trajectory;

// Prints the hashes of the long trajectory, and what this process computes with: the tests start it with hardware
// intrinsics switched off. With a folder it writes there what reference.py wants: the actions of each episode.
Console.WriteLine($"vectors {(Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 :
    Vector128.IsHardwareAccelerated ? 128 : 0)}");
TrajectoryHash hash = TrajectoryHash.Compute(args.Length > 0 ? args[0] : null);
Console.WriteLine($"frames {hash.Frames}");
Console.WriteLine($"reference {hash.Reference}");
Console.WriteLine($"own {hash.Own}");
