using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Dqn.CarRacing.Native;

/// <summary>
/// The C interface. Each function that can fail returns 0, or else what kind of error it was: 1 an argument, 2 a call out of
/// order, 3 anything else; <see cref="ReadError"/> then has the message. A handle is for one thread at a time, which a
/// second one is told.
/// </summary>
internal static unsafe class Exports
{
    /// <summary>Grows whenever a function, a structure or their meaning changes.</summary>
    public const int InterfaceVersion = 2;

    [UnmanagedCallersOnly(EntryPoint = "dqn_carracing_interface", CallConvs = [typeof(CallConvCdecl)])]
    public static int Interface() => InterfaceVersion;

    /// <summary>Writes the last error of the calling thread; returns how many bytes it has.</summary>
    [UnmanagedCallersOnly(EntryPoint = "dqn_carracing_error", CallConvs = [typeof(CallConvCdecl)])]
    public static int ReadError(byte* text, int bytes) => LastError.Copy(new Span<byte>(text, bytes));

    /// <summary>Makes a fleet; <paramref name="handle"/> is freed by <see cref="Close"/>.</summary>
    [UnmanagedCallersOnly(EntryPoint = "dqn_carracing_make", CallConvs = [typeof(CallConvCdecl)])]
    public static int Make(FleetOptions* options, nint* handle)
    {
        try
        {
            *handle = GCHandle.ToIntPtr(GCHandle.Alloc(new CarRacingFleet(*options)));
            return 0;
        }
        catch (Exception exception)
        {
            return LastError.Of(exception);
        }
    }

    /// <summary>Frees a fleet.</summary>
    [UnmanagedCallersOnly(EntryPoint = "dqn_carracing_close", CallConvs = [typeof(CallConvCdecl)])]
    public static int Close(nint handle)
    {
        try
        {
            Fleet(handle).Dispose();
            GCHandle.FromIntPtr(handle).Free();
            return 0;
        }
        catch (Exception exception)
        {
            return LastError.Of(exception);
        }
    }

    /// <summary><see cref="CarRacingFleet.Reset"/>, and what is seen then unless <paramref name="observations"/> is null.</summary>
    [UnmanagedCallersOnly(EntryPoint = "dqn_carracing_reset", CallConvs = [typeof(CallConvCdecl)])]
    public static int Reset(nint handle, byte* mask, ulong* seeds, byte* hasSeed, int randomize, byte* observations)
    {
        try
        {
            CarRacingFleet fleet = Fleet(handle);
            fleet.Reset(mask, seeds, hasSeed, randomize != 0);
            if (observations != null)
                fleet.Observe(new Span<byte>(observations, fleet.ObservationBytes));
            return 0;
        }
        catch (Exception exception)
        {
            return LastError.Of(exception);
        }
    }

    /// <summary><see cref="CarRacingFleet.Step"/>.</summary>
    [UnmanagedCallersOnly(EntryPoint = "dqn_carracing_step", CallConvs = [typeof(CallConvCdecl)])]
    public static int Step(nint handle, int* actions, double* controls, Outcome* outcomes, byte* observations)
    {
        try
        {
            Fleet(handle).Step(actions, controls, outcomes, observations);
            return 0;
        }
        catch (Exception exception)
        {
            return LastError.Of(exception);
        }
    }

    /// <summary><see cref="CarRacingFleet.Observe"/>.</summary>
    [UnmanagedCallersOnly(EntryPoint = "dqn_carracing_observe", CallConvs = [typeof(CallConvCdecl)])]
    public static int Observe(nint handle, byte* observations)
    {
        try
        {
            CarRacingFleet fleet = Fleet(handle);
            fleet.Observe(new Span<byte>(observations, fleet.ObservationBytes));
            return 0;
        }
        catch (Exception exception)
        {
            return LastError.Of(exception);
        }
    }

    /// <summary><see cref="CarRacingFleet.Render"/>: 400 × 600 × 3 bytes.</summary>
    [UnmanagedCallersOnly(EntryPoint = "dqn_carracing_render", CallConvs = [typeof(CallConvCdecl)])]
    public static int Render(nint handle, int index, byte* rgb)
    {
        try
        {
            Fleet(handle).Render(
                index, new Span<byte>(rgb, CarRacingEnvironment.RenderHeight * CarRacingEnvironment.RenderWidth * 3));
            return 0;
        }
        catch (Exception exception)
        {
            return LastError.Of(exception);
        }
    }

    private static CarRacingFleet Fleet(nint handle) =>
        handle != 0 && GCHandle.FromIntPtr(handle).Target is CarRacingFleet fleet
            ? fleet
            : throw new InvalidOperationException("Expected an environment that is open, got one that was closed.");
}
