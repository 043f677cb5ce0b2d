// Where the phone is: once, or followed while the team agreed to it for its mission.

const EVERY_MS = 30_000;
const OPTIONS: PositionOptions = { enableHighAccuracy: true, timeout: 20_000, maximumAge: 10_000 };

type Place = [string, string][];

function fields({ coords }: GeolocationPosition): Place {
  return [
    ["lon", coords.longitude.toFixed(6)],
    ["lat", coords.latitude.toFixed(6)],
    ["accuracy_m", coords.accuracy.toFixed(0)],
  ];
}

// Raises `noPlace` where the phone gives none.
export function place(): Promise<Place> {
  return new Promise((resolve, reject) => {
    const none = (): void => reject(new Error("noPlace"));
    if (!navigator.geolocation) return none();
    navigator.geolocation.getCurrentPosition((found) => resolve(fields(found)), none, OPTIONS);
  });
}

let watch: number | undefined;
let told_at = 0;

export function following(on: boolean, tell: (at: Place) => Promise<void>): void {
  if (!navigator.geolocation || on === (watch !== undefined)) return;
  if (!on) {
    navigator.geolocation.clearWatch(watch ?? 0);
    watch = undefined;
    return;
  }
  watch = navigator.geolocation.watchPosition((found) => {
    if (Date.now() - told_at < EVERY_MS) return;
    told_at = Date.now();
    void tell(fields(found));
  }, () => undefined, OPTIONS);
}
