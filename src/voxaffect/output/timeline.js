const audio=document.querySelector('audio'),rows=[...document.querySelectorAll('.row')];
function jump(t){if(audio){audio.currentTime=t;audio.play()}}
document.addEventListener('click',e=>{
const b=e.target.closest('[data-at]');if(b){jump(+b.dataset.at);return}
const l=e.target.closest('.lane');if(l){const r=l.closest('.row'),x=l.getBoundingClientRect();
jump(+r.dataset.from+(e.clientX-x.left)/x.width*r.dataset.seconds)}});
if(audio){const show=()=>{for(const r of rows){const s=audio.currentTime-r.dataset.from,n=r.querySelector('.now'),
d=+r.dataset.seconds;n.style.display=s>=0&&s<d?'block':'none';n.style.left=100*s/d+'%'}};
audio.addEventListener('timeupdate',show);
audio.addEventListener('error',()=>{document.querySelector('#unplayed').hidden=false})}
